import { describe, expect, it } from '@jest/globals';
import { chart } from '../../bench/shared/chart.js';
import { COMPETITORS } from '../../bench/recovery/competitors.js';
import { documentOf } from '../../bench/recovery/document.js';
import { FAULTS } from '../../bench/recovery/faults.js';
import { measure, type Outcome } from '../../bench/recovery/measure.js';
import { deserialise, type Results, rowsOf, serialise } from '../../bench/recovery/results.js';
import { readSettings } from '../../bench/recovery/settings.js';
import { spreadOf } from '../../bench/shared/spread.js';
import { summaryLines } from '../../bench/recovery/terminal.js';
import { seconds } from '../../bench/recovery/words.js';

const outcome: Outcome = { deaf: 0.1, lost: 2, late: 0, twice: 0, died: null };

/** Two rounds of one fault, in which everybody but the first does what the given outcomes say. */
function resultsOf(...others: [Outcome, Outcome]): Results {
  const runs = others.map((other) => ({
    fault: 'master-killed',
    mute: 3.4,
    outcomes: Object.fromEntries(COMPETITORS.map(({ key }, index) => [key, index === 0 ? outcome : other])),
  }));
  return { rounds: 2, cutOff: 20, versions: { Redis: '7.0.15' }, runs };
}

describe('what the recovery bench measures', () => {
  /** One message every 20 ms for 10 s; the fault strikes at 2 s. */
  const accepted = Array.from({ length: 500 }, (_, n) => ({ n, sentAt: n * 20, at: n * 20 + 1 }));
  const watch = { struckAt: 2_000, endedAt: 10_000 };
  const heardOf = (fits: (n: number) => boolean) =>
    accepted.filter(({ n }) => fits(n)).map(({ n, at }) => ({ n, at: at + 1 }));

  it('takes the longest silence for deafness and what was never heard for lost', () => {
    const heard = heardOf((n) => n < 100 || n >= 150);
    expect(measure(accepted, heard, null, watch)).toEqual({ ...outcome, deaf: 1.002, lost: 50 });
  });

  it('says never where the silence lasts, or the process has ended', () => {
    expect(
      measure(
        accepted,
        heardOf((n) => n < 100),
        null,
        watch,
      ),
    ).toMatchObject({ deaf: Infinity, lost: 400 });
    expect(
      measure(
        accepted,
        heardOf(() => true),
        'exit 1',
        watch,
      ),
    ).toMatchObject({ deaf: Infinity, died: 'exit 1' });
  });

  it('counts what comes late and what comes twice', () => {
    const heard = heardOf((n) => n !== 200);
    heard.push({ n: 200, at: 6_000 }, { n: 201, at: 6_001 });
    expect(measure(accepted, heard, null, watch)).toMatchObject({ lost: 0, late: 1, twice: 1 });
  });
});

describe('the median of the rounds', () => {
  it('stands between the extremes', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
    expect(spreadOf([1, 2])).toEqual({ median: 1.5, least: 1, most: 2 });
  });

  it('counts never as the longest of all', () => {
    expect(spreadOf([Infinity, 1, Infinity])).toEqual({ median: Infinity, least: 1, most: Infinity });
    expect(spreadOf([1, Infinity])).toEqual({ median: Infinity, least: 1, most: Infinity });
  });

  it('needs a value', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe('the report of the recovery bench', () => {
  const dead: Outcome = { deaf: Infinity, lost: 900, late: 0, twice: 0, died: 'exit 0' };

  it('survives being stored', () => {
    const results = resultsOf(outcome, dead);
    expect(deserialise(serialise(results))).toEqual(results);
  });

  it('shows deafness, its spread and how a process ended', () => {
    const page = documentOf(resultsOf({ ...outcome, deaf: 4 }, { ...outcome, deaf: 5, died: 'exit 1' }));
    expect(page).toContain('| master killed | 0.1 | 4.5 (4.0–5.0), exit 1 |');
    const terminal = summaryLines(rowsOf(resultsOf(outcome, dead)), 2).join('\n');
    expect(terminal).toMatch(/this library, defaults +0\.1 +2 +0 +0 +no/);
    expect(terminal).toMatch(
      /stock Nest, defaults +never \(0\.1–never\) +451 \(2–900\) +0 +0 +exit 0 in 1 of 2/,
    );
  });

  it('says where another is as good, and where one is better', () => {
    const asGood = documentOf(resultsOf(outcome, outcome));
    expect(asGood).toMatch(/As good:\n\n- \*\*master killed\*\*: stock Nest, defaults \(0\.1 s, 2 lost\)/);
    expect(asGood).toContain('At no fault is another better by more than that.');
    const results = resultsOf(outcome, outcome);
    for (const { outcomes } of results.runs)
      outcomes[COMPETITORS[0].key] = { ...outcome, deaf: 2, lost: 100 };
    expect(documentOf(results)).toMatch(/Better, in time or in messages:\n\n- \*\*master killed\*\*/);
    expect(documentOf(resultsOf(dead, dead))).toContain('At no fault is another as good.');
  });
});

describe('the chart of the recovery bench', () => {
  const bars = (median: number, least = median, most = median) => [{ median, least, most }];
  const draw = (...groups: ReturnType<typeof bars>[]) =>
    chart({
      title: 'Deaf <now>',
      subtitle: '',
      legend: ['ours'],
      unit: 's',
      step: 5,
      write: seconds,
      groups: groups.map((each) => ({ title: 'a & b', bars: each })),
    });

  it('writes well-formed text', () => {
    const svg = draw(bars(1));
    expect(svg).toContain('Deaf &lt;now&gt;');
    expect(svg).toContain('a &amp; b');
    const opened = [...svg.matchAll(/<([a-z]+)[^>]*(?<!\/)>/g)].map(([, tag]) => tag).sort();
    const closed = [...svg.matchAll(/<\/([a-z]+)>/g)].map(([, tag]) => tag).sort();
    expect(opened).toEqual(closed);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('draws longer for longer, and never to the end', () => {
    const svg = draw(bars(2), bars(4), bars(Infinity));
    const widths = [
      ...svg.matchAll(/<rect (?:class="c0"|fill="url\(#hatch0\)") x="262"[^>]* width="([\d.]+)"/g),
    ];
    expect(widths.map(([, width]) => Number(width))).toEqual([217.6, 435.2, 544]);
    expect(svg).toContain('>never<');
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('says what came only sometimes', () => {
    expect(draw(bars(3.6, 3.4, Infinity))).toContain('3.6, or never');
  });
});

describe('the command line of the recovery bench', () => {
  it('has every fault three times by default', () => {
    expect(readSettings([])).toMatchObject({ rounds: 3, cutOff: 20_000, faults: FAULTS, write: true });
  });

  it('writes nothing where only some faults are measured', () => {
    const settings = readSettings(['--only', 'cut-off,isolated', '--cut-off', '5', '--rounds', '1']);
    expect(settings).toMatchObject({ rounds: 1, cutOff: 5_000, write: false });
    expect(settings.faults.map(({ key }) => key)).toEqual(['cut-off', 'isolated']);
  });

  it('names what is wrong', () => {
    expect(() => readSettings(['--rounds', 'many'])).toThrow(
      "--rounds is 'many': give a whole number from 1 to 100",
    );
    expect(() => readSettings(['--only', 'earthquake'])).toThrow(
      "'earthquake', which is none of connections-killed",
    );
  });
});
