import type { Gap } from '../../src/subscription/gap.js';
import type { Accepted } from './publisher-order.js';
import type { Handled } from './subscriber.js';

/** What publishers and one subscriber did, on one clock. */
export interface History {
  /** Accepted by the master, or by a server that we still held a link to. */
  accepted: readonly Accepted[];
  handled: readonly Handled[];
  gaps: readonly Gap[];
  /** Every one of them matches every message. */
  subscriptions: readonly string[];
  /** Since when the subscriber listened. */
  since: number;
}

/**
 * Says what is wrong with a history: a message that is neither handled nor inside a reported gap, one that is handled
 * twice, or one that overtook another although it is not late.
 */
export function violations({ accepted, handled, gaps, subscriptions, since }: History): string[] {
  return subscriptions.flatMap((subscription) => {
    const heard = handled.filter((message) => message.subscription === subscription);
    const excuses = gaps.filter(({ patterns }) => patterns.length === 0 || patterns.includes(subscription));
    const inTime = accepted.filter(({ sentAt }) => sentAt >= since);
    return [...lost(inTime, heard, excuses), ...twice(heard), ...disorder(heard)].map(
      (what) => `${subscription}: ${what}`,
    );
  });
}

/** Redis took a message at some moment between its sending and the reply. */
function lost(accepted: readonly Accepted[], heard: readonly Handled[], gaps: readonly Gap[]): string[] {
  const numbers = new Set(heard.map(({ n }) => n));
  return accepted
    .filter(({ n }) => !numbers.has(n))
    .filter(({ sentAt, at }) => !gaps.some(({ from, to }) => sentAt <= (to ?? Infinity) && at >= from))
    .map(({ n, by, sentAt, at }) => {
      const where = gaps.map(({ cause, from, to }) => `${cause} ${rounded(from)}–${rounded(to)}`).join(', ');
      return `${n} (${by}, ${rounded(sentAt)}–${rounded(at)}) is lost and in no gap [${where}]`;
    });
}

function twice(heard: readonly Handled[]): string[] {
  const seen = new Set<number>();
  const doubles = heard.filter(({ n }) => seen.size === seen.add(n).size);
  return doubles.map(({ n, at, late }) => `${n} is handled twice (${rounded(at)}${late ? ', late' : ''})`);
}

function disorder(heard: readonly Handled[]): string[] {
  const inOrder = heard.filter(({ late }) => !late);
  return inOrder
    .filter(({ n }, index) => index > 0 && n < (inOrder[index - 1]?.n ?? 0))
    .map(({ n, at }) => `${n} is out of order (${rounded(at)})`);
}

function rounded(moment: number | null): string {
  return moment === null ? '…' : moment.toFixed(1);
}
