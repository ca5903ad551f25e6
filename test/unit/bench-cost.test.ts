import { describe, expect, it } from '@jest/globals';
import { burst, event } from '../../bench/cost/cases/events.js';
import { type FlatSample, growthIn } from '../../bench/cost/cases/flat.js';
import { documentOf } from '../../bench/cost/document.js';
import type { Results } from '../../bench/cost/results.js';
import { readSettings } from '../../bench/cost/settings.js';
import { percentile, ratioOf } from '../../bench/cost/statistics.js';
import { verdictsOf } from '../../bench/cost/verdicts.js';

const sample: FlatSample = { messages: 1e6, heap: 2e7, rss: 9e7, timers: 2, handles: 3, listeners: 20 };

/** Three rounds in which an event of ours costs so many microseconds, and 4, 5 and 6 through the bare strategy. */
function resultsOf(...ours: [number, number, number]): Results {
  const asked = { inFlight: 100, cpu: [20, 20, 20], p50: [2, 2, 2], p999: [9, 9, 9] };
  return {
    rounds: 3,
    versions: { Redis: '7.0.15' },
    machine: '2 cores',
    events: [
      { case: 'small', peer: 'ours', cpu: ours, rate: [9e4, 9e4, 9e4], rss: 8e7 },
      { case: 'small', peer: 'bare', cpu: [4, 5, 6], rate: [9e4, 9e4, 9e4], rss: 8e7 },
    ],
    latency: [],
    requests: [
      { ...asked, peer: 'ours', rate: [40_000, 41_000, 42_000], p99: [6, 6, 6] },
      { ...asked, peer: 'stock', rate: [10_000, 10_000, 10_000], p99: [20, 20, 20] },
    ],
    patterns: [],
    redis: [],
    idle: [],
    flat: [sample, { ...sample, messages: 1e7 }],
  };
}

describe('what the cost bench measures', () => {
  it('names the value below which a part of them lies', () => {
    const values = Array.from({ length: 1_000 }, (_, n) => 1_000 - n);
    expect([0.5, 0.99, 0.999, 1].map((part) => percentile(values, part))).toEqual([500, 990, 999, 1_000]);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('compares round by round, so that what slows a whole round does not count', () => {
    expect(ratioOf([5, 50, 6], [4, 40, 6])).toEqual({ median: 1.25, least: 1, most: 1.25 });
  });

  it('publishes whole batches of packets of the size that is asked for', () => {
    expect(Buffer.byteLength(event('orders.new', 1_024))).toBe(1_024);
    const { count, batch } = burst('orders.new', event('orders.new', 1_024), 1_000);
    expect([count % batch, count >= 1_000]).toEqual([0, true]);
  });

  it('finds what has grown with the messages', () => {
    expect(growthIn([sample, { ...sample, heap: sample.heap + 2 ** 20, timers: 3 }])).toEqual([]);
    expect(growthIn([sample, { ...sample, listeners: 21 }])).toEqual(['listeners has grown from 20 to 21']);
    expect(growthIn([sample, { ...sample, heap: sample.heap + 4 * 2 ** 20 }])).toHaveLength(1);
    expect(growthIn([])).toHaveLength(1);
  });
});

describe('what the cost bench writes', () => {
  it('says of each promise whether this run kept it', () => {
    const promise = 'an event costs at most 1.25 × a bare strategy';
    expect(verdictsOf(resultsOf(4, 6, 6))).toContainEqual({ promise, measured: '1.00 ×', holds: true });
    expect(verdictsOf(resultsOf(6, 8, 8))).toContainEqual({ promise, measured: '1.50 ×', holds: false });
    expect(documentOf(resultsOf(6, 8, 8))).toMatch(/1\.25 × a bare strategy \| 1\.50 × \| \*\*missed\*\*/);
  });

  it('says where another is as good, or better', () => {
    const page = (...ours: [number, number, number]): string => documentOf(resultsOf(...ours));
    expect(page(5, 5, 5)).toContain('- **CPU, small JSON**: bare strategy is as good.');
    expect(page(7, 8, 9)).toContain('- **CPU, small JSON**: bare strategy is better.');
    expect(page(1, 2, 3)).toContain('In no case.');
  });

  it('leaves out what was not measured', () => {
    expect(documentOf(resultsOf(4, 5, 6))).not.toContain('Idle');
    expect(documentOf(resultsOf(4, 5, 6))).not.toMatch(/NaN|undefined/);
  });
});

describe('the command line of the cost bench', () => {
  it('writes nothing of a run that is not whole', () => {
    expect(readSettings([])).toMatchObject({ write: true, messages: 10_000_000 });
    expect(readSettings(['--only', 'flat'])).toMatchObject({ write: false, cases: ['flat'] });
    expect(readSettings(['--quick']).write).toBe(false);
  });

  it('says what it does not understand', () => {
    expect(() => readSettings(['--only', 'flats'])).toThrow(/none of events/);
    expect(() => readSettings(['--rounds', '0'])).toThrow(/whole number from 1/);
  });
});
