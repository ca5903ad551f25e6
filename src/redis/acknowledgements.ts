import { RedisResilientError } from '../errors.js';
import type { Link } from './link.js';
import { startPatientTimer } from './patient-timer.js';
import { keyOf, type SubscriptionKey, type SubscriptionKind } from './subscriptions.js';

interface Waiter {
  readonly key: SubscriptionKey;
  readonly name: string;
  resolve(): void;
  reject(error: RedisResilientError): void;
}

/** Lets callers wait until Redis acknowledged a subscription. */
export class Acknowledgements {
  private readonly waiters = new Set<Waiter>();

  constructor(private readonly current: () => Link | null) {}

  wait(kind: SubscriptionKind, name: string, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancelDeadline = (): void => undefined;
      const end = (): void => {
        cancelDeadline();
        this.waiters.delete(waiter);
      };
      const waiter: Waiter = {
        key: keyOf(kind, name),
        name,
        resolve: () => {
          end();
          resolve();
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      this.waiters.add(waiter);
      if (Number.isFinite(deadline)) {
        cancelDeadline = startPatientTimer(deadline, () => {
          waiter.reject(
            new RedisResilientError('TIMEOUT', `"${name}" was not subscribed within ${String(deadline)} ms.`),
          );
        });
      }
      this.check();
    });
  }

  /** Something changed on the live link, or there is another one. */
  check(): void {
    const sync = this.current()?.sync;
    if (!sync) return;
    for (const waiter of this.waiters) {
      const refusal = sync.refused.get(waiter.key);
      if (sync.acknowledged.has(waiter.key)) waiter.resolve();
      else if (refusal !== undefined) {
        waiter.reject(
          new RedisResilientError(
            'REFUSED',
            `Redis refuses to subscribe "${waiter.name}": ${refusal} Allow it in this user's ACL.`,
          ),
        );
      }
    }
  }

  close(): void {
    for (const waiter of this.waiters) {
      waiter.reject(
        new RedisResilientError('CLOSED', 'The subscription is not needed any more: the instance is closed.'),
      );
    }
  }
}
