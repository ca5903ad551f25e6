import { type Account, excused, faultsOf } from './account.js';

/** How many faults the check finds in an account that was falsified in three ways. */
export interface Controls {
  /** Of the gaps nothing was reported. 0 where nothing was missed either. */
  withoutGaps: number;
  oneSwallowed: number;
  oneDoubled: number;
}

/** The negative controls of the check: the same account with something wrong in it. */
export function falsify(account: Account): Controls {
  const { handled, gaps } = account;
  const missed = new Set(excused(account));
  const outside = account.sent.find(
    (message) =>
      message.accepted &&
      !missed.has(message) &&
      account.streams[message.stream]?.payload.includes('%n') &&
      account.covers(message) &&
      !gaps.some(({ from, to }) => message.sentAt <= (to ?? Infinity) && message.at >= from),
  );
  const index = handled.findIndex(({ n }) => n === outside?.n);
  const one = handled.slice(index, index + 1);
  return {
    withoutGaps: faultsOf({ ...account, gaps: [] }).length,
    oneSwallowed: faultsOf({ ...account, handled: handled.toSpliced(index, 1) }).length,
    oneDoubled: faultsOf({ ...account, handled: [...handled, ...one] }).length,
  };
}
