import type { SubscriptionGap } from '@redis-resilient/nestjs';

/** What the application tells the tour. */
export type Told =
  | {
      /** Where it serves HTTP, once it does. */
      readonly url: string;
      /** The zero of its monotonic clock, in milliseconds since 1970. */
      readonly timeOrigin: number;
    }
  | { readonly heard: unknown; readonly channel: string; readonly late: boolean }
  | { readonly gap: SubscriptionGap };

/** To the tour that has started this process, or to the terminal where nobody has. */
export function tell(told: Told): void {
  if (process.send) process.send(told);
  else console.log(told);
}
