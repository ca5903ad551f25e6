import { RedisResilientError } from '../errors.js';
import type { State } from '../subscription/state.js';

interface Rotation {
  /** The link to be replaced. */
  readonly old: number;
  resolve(): void;
  reject(error: RedisResilientError): void;
}

/** Lets callers of `rotate()` wait until their link is replaced and ended. */
export class Rotations {
  private readonly pending = new Set<Rotation>();

  wait(old: number): Promise<void> {
    return new Promise((resolve, reject) => this.pending.add({ old, resolve, reject }));
  }

  follow({ phase, current, kept }: State): void {
    for (const rotation of this.pending) {
      if (phase === 'closed') {
        this.pending.delete(rotation);
        rotation.reject(
          new RedisResilientError('CLOSED', 'The instance was closed before its link was replaced.'),
        );
      } else if (current && current.id !== rotation.old && kept?.id !== rotation.old) {
        this.pending.delete(rotation);
        rotation.resolve();
      }
    }
  }
}
