/** Something that does not work as it could, and the promise that this costs. */
export interface Degradation {
  /**
   * `control`: no control channel, so no canary and no marker; `canary`: none can be published; `sentinels`: fewer than a
   * majority answer; `permission`: any other command is refused.
   */
  readonly kind: 'control' | 'canary' | 'sentinels' | 'permission';
  /** What does not work, and why. */
  readonly what: string;
  /** Which promise that costs, and the remedy. */
  readonly costs: string;
}
