import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Lane, type LaneLimits, type Overflow } from '../../src/transport/lane.js';
import { poll } from '../../src/testing/index.js';

class Bench {
  readonly started: number[] = [];
  readonly overflows: { dropped: number; closed: boolean }[] = [];
  readonly lane: Lane<number>;

  constructor(limits: Partial<LaneLimits>) {
    this.lane = new Lane<number>(
      { concurrency: Infinity, maxPending: Infinity, overflow: 'drop-oldest', ...limits },
      (message) => this.started.push(message),
      () => this.open(),
      () => undefined,
      () => 0,
    );
  }

  offer(...messages: number[]): void {
    for (const message of messages) this.lane.offer(message);
  }

  finish(count: number): void {
    for (let i = 0; i < count; i += 1) this.lane.finished();
  }

  private open(): Overflow {
    const overflow = { dropped: 0, closed: false };
    this.overflows.push(overflow);
    return {
      drop: (count = 1) => (overflow.dropped += count),
      close: () => (overflow.closed = true),
    };
  }
}

describe('concurrency', () => {
  it('starts so many and the next as each finishes, in order', () => {
    const bench = new Bench({ concurrency: 2 });
    bench.offer(1, 2, 3, 4);
    expect(bench.started).toEqual([1, 2]);
    bench.finish(1);
    expect(bench.started).toEqual([1, 2, 3]);
    bench.finish(3);
    expect(bench.started).toEqual([1, 2, 3, 4]);
  });

  it('keeps the order when it is 1', () => {
    const bench = new Bench({ concurrency: 1 });
    bench.offer(1, 2, 3);
    bench.finish(1);
    bench.offer(4);
    bench.finish(3);
    expect(bench.started).toEqual([1, 2, 3, 4]);
  });

  it('gives the event loop a turn within a long backlog, and goes on', async () => {
    const bench = new Bench({ concurrency: 1 });
    let now = 0;
    const lane: Lane<number> = new Lane<number>(
      { concurrency: 1, maxPending: Infinity, overflow: 'drop-oldest' },
      (message) => {
        now += 1;
        bench.started.push(message);
        if (message > 0) lane.finished();
      },
      () => ({ drop: () => undefined, close: () => undefined }),
      () => undefined,
      () => now,
    );
    lane.offer(0);
    for (let message = 1; message <= 100; message += 1) lane.offer(message);
    lane.finished();
    expect(bench.started.length).toBeLessThan(15);
    await poll(() => bench.started.length === 101, { what: 'the rest of the backlog' });
    expect(bench.started).toEqual(Array.from({ length: 101 }, (_, index) => index));
  });
});

describe('overflow', () => {
  it("'drop-oldest' keeps the newest", () => {
    const bench = new Bench({ concurrency: 1, maxPending: 2 });
    bench.offer(1, 2, 3, 4, 5);
    bench.finish(3);
    expect(bench.started).toEqual([1, 4, 5]);
    expect(bench.lane.dropped).toBe(2);
  });

  it("'drop-newest' keeps the oldest", () => {
    const bench = new Bench({ concurrency: 1, maxPending: 2, overflow: 'drop-newest' });
    bench.offer(1, 2, 3, 4, 5);
    bench.finish(3);
    expect(bench.started).toEqual([1, 2, 3]);
    expect(bench.lane.dropped).toBe(2);
  });

  it('is one from the first drop until less than half is waiting', () => {
    const bench = new Bench({ concurrency: 1, maxPending: 4 });
    bench.offer(1, 2, 3, 4, 5, 6, 7);
    expect(bench.overflows).toEqual([{ dropped: 2, closed: false }]);
    bench.finish(1);
    bench.offer(8, 9);
    expect(bench.overflows).toEqual([{ dropped: 3, closed: false }]);
    bench.finish(2);
    expect(bench.overflows[0]?.closed).toBe(false);
    bench.finish(1);
    expect(bench.overflows).toEqual([{ dropped: 3, closed: true }]);
  });

  it('opens a new one after that', () => {
    const bench = new Bench({ concurrency: 1, maxPending: 1 });
    bench.offer(1, 2, 3);
    bench.finish(2);
    bench.offer(4, 5, 6);
    expect(bench.overflows).toEqual([
      { dropped: 1, closed: true },
      { dropped: 1, closed: false },
    ]);
  });

  it('bounds what is in handlers too where only maxPending is given', () => {
    const bench = new Bench({ maxPending: 3 });
    bench.offer(...Array.from({ length: 100 }, (_, index) => index));
    expect(bench.started).toHaveLength(3);
    expect(bench.lane.waiting).toBe(3);
    expect(bench.lane.dropped).toBe(94);
  });

  it('ends when the lane is cleared', () => {
    const bench = new Bench({ concurrency: 1, maxPending: 2 });
    bench.offer(1, 2, 3, 4);
    expect(bench.lane.clear()).toBe(2);
    expect(bench.overflows).toEqual([{ dropped: 1, closed: true }]);
    bench.finish(1);
    expect(bench.started).toEqual([1]);
  });
});

it('nothing is lost, doubled or overtaken, whatever the order of events', async () => {
  const limits = fc.record({
    concurrency: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(Infinity)),
    maxPending: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(Infinity)),
    overflow: fc.constantFrom('drop-oldest' as const, 'drop-newest' as const),
  });
  await fc.assert(
    fc.asyncProperty(limits, fc.array(fc.boolean(), { maxLength: 200 }), async (given, steps) => {
      const bench = new Bench(given);
      const mostRunning = given.concurrency === Infinity ? given.maxPending : given.concurrency;
      let offered = 0;
      let finished = 0;
      let running = 0;
      const count = (): void => {
        running = bench.started.length - finished;
      };
      for (const isOffer of steps) {
        if (isOffer) bench.offer(offered++);
        else if (running > 0) {
          finished += 1;
          bench.finish(1);
        }
        count();
        expect(running).toBeLessThanOrEqual(mostRunning);
        expect(bench.lane.waiting).toBeLessThanOrEqual(given.maxPending);
      }
      await poll(
        () => {
          count();
          if (running > 0) {
            finished += 1;
            bench.finish(1);
          }
          return running === 0 && bench.lane.waiting === 0;
        },
        { every: 0, what: 'an empty lane' },
      );
      expect(bench.started.length + bench.lane.dropped).toBe(offered);
      expect(bench.started).toEqual([...bench.started].sort((a, b) => a - b));
      expect(new Set(bench.started).size).toBe(bench.started.length);
      expect(bench.overflows.every(({ closed }) => closed)).toBe(true);
      expect(bench.overflows.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(bench.lane.dropped);
    }),
    { numRuns: 60 },
  );
});
