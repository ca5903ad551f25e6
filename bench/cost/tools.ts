/** What every case gets. */
export interface CaseTools {
  rounds: number;
  /** Makes a number of messages smaller, for a look that is quick and rough. */
  scale(count: number): number;
  say(state: string): void;
}
