/** What every case gets. */
export interface CaseTools {
  readonly rounds: number;
  /** Makes a number of messages smaller, for a look that is quick and rough. */
  readonly scale: (count: number) => number;
  readonly say: (state: string) => void;
}
