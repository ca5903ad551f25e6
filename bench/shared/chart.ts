import type { Spread } from './spread.js';

/** Measured quantities, drawn as groups of bars. */
export interface ChartData {
  title: string;
  /** How to read it, in one line. */
  subtitle: string;
  /** What each bar of a group stands for; the first is drawn in the strongest colour. At most five. */
  legend: readonly string[];
  groups: readonly { title: string; bars: readonly (Spread | undefined)[] }[];
  /** Stands at the end of the axis. */
  unit: string;
  /** Between two lines of the axis. */
  step: number;
  write: (value: number) => string;
}

const WIDTH = 860;
const PLOT = { left: 262, right: 806, top: 122 };
const BAR = { height: 10, pitch: 13 };
const GROUP_GAP = 16;

/** Colours of the bars on a light and on a dark ground. */
const COLOURS = [
  ['#0b8f7a', '#2fd6bb'],
  ['#9aa2ac', '#757e8a'],
  ['#5f86c2', '#7ea3dc'],
  ['#cf8a2b', '#e0a454'],
  ['#a36fbd', '#bd8fd4'],
] as const;

/** A bar chart as SVG; what never came fills its whole line, hatched. It brings its own ground, light or dark. */
export function chart({ title, subtitle, legend, groups, unit, step, write }: ChartData): string {
  const pitch = legend.length * BAR.pitch + GROUP_GAP;
  const bottom = PLOT.top + groups.length * pitch;
  const height = bottom + 34;
  const most = Math.max(step, ...groups.flatMap(({ bars }) => bars.map((bar) => longestFinite(bar))));
  const end = Math.ceil(most / step) * step;
  const x = (value: number) => round(PLOT.left + ((PLOT.right - PLOT.left) * Math.min(value, end)) / end);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif">`,
    `<title>${escape(title)}</title>`,
    style(),
    `<defs>${legend.map((_, index) => hatching(index)).join('')}</defs>`,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="10"/>`,
    text(24, 36, title, 'ink strong', 17),
    text(24, 57, subtitle, 'faint', 12),
    ...legendOf(legend),
    ...axis({ end, step, unit }, x, bottom),
    ...groups.flatMap((group, index) => groupOf(group, PLOT.top + index * pitch, x, write)),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function groupOf(
  { title, bars }: ChartData['groups'][number],
  top: number,
  x: (value: number) => number,
  write: ChartData['write'],
): string[] {
  const middle = top + (bars.length * BAR.pitch) / 2 + 1;
  return [
    text(PLOT.left - 14, middle, title, 'ink', 13, 'end'),
    ...bars.map((bar, index) => (bar ? barOf(bar, index, top + index * BAR.pitch, x, write) : '')),
  ];
}

function barOf(
  { median, least, most }: Spread,
  index: number,
  y: number,
  x: (value: number) => number,
  write: ChartData['write'],
): string {
  const never = median === Infinity;
  const sometimesNever = !never && most === Infinity;
  const fill = never ? `fill="url(#hatch${index})"` : `class="c${index}"`;
  const width = round(Math.max(2, x(median) - PLOT.left));
  const middle = y + BAR.height / 2;
  // A spread that one could not see is left out.
  const spread = most !== Infinity && x(most) - x(least) > 3;
  const words = sometimesNever ? `${write(median)}, or never` : write(median);
  return [
    `<rect ${fill} x="${PLOT.left}" y="${y}" width="${width}" height="${BAR.height}" rx="2"/>`,
    spread ? `<path class="spread" d="M${x(least)} ${middle}H${x(most)}"/>` : '',
    text(x(spread ? most : median) + 6, middle + 4, words, index === 0 ? 'ink strong' : 'faint', 11),
  ].join('');
}

/** The fonts of the reader are not known here: each name gets room in proportion to its length. */
function legendOf(legend: readonly string[]): string[] {
  const all = legend.join('').length + 4 * legend.length;
  let left = 24;
  return legend.flatMap((name, index) => {
    const at = round(left);
    left += ((WIDTH - 40) * (name.length + 4)) / all;
    return [
      `<rect class="c${index}" x="${at}" y="77" width="11" height="11" rx="2"/>`,
      text(round(at + 16), 87, name, index === 0 ? 'ink strong' : 'ink', 11.5),
    ];
  });
}

function axis(
  { end, step, unit }: { end: number; step: number; unit: string },
  x: (value: number) => number,
  bottom: number,
): string[] {
  const ticks = Array.from({ length: end / step + 1 }, (_, index) => index * step);
  return ticks.flatMap((value) => [
    `<path class="grid" d="M${x(value)} ${PLOT.top - 8}V${bottom - 4}"/>`,
    text(x(value), bottom + 14, value === end ? `${value} ${unit}` : String(value), 'faint', 11, 'middle'),
  ]);
}

function hatching(index: number): string {
  return (
    `<pattern id="hatch${index}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
    `<rect class="c${index}" width="7" height="7" opacity=".22"/><rect class="c${index}" width="2.4" height="7" opacity=".7"/></pattern>`
  );
}

function style(): string {
  const colours = (shade: 0 | 1) =>
    COLOURS.map((colour, index) => `.c${index}{fill:${colour[shade]}}`).join('');
  const ground = (fill: string, ink: string, faint: string, grid: string) =>
    `.ground{fill:${fill}}.ink{fill:${ink}}.faint{fill:${faint}}.grid{stroke:${grid}}.spread{stroke:${ink}}`;
  return [
    '<style>',
    `.strong{font-weight:600}.spread{stroke-width:1.2;opacity:.75}${ground('#ffffff', '#1b1f24', '#5b6570', '#e4e7eb')}${colours(0)}`,
    `@media (prefers-color-scheme:dark){${ground('#14181d', '#e8ecf1', '#9aa5b1', '#2b323a')}${colours(1)}}`,
    '</style>',
  ].join('\n');
}

function text(x: number, y: number, words: string, name: string, size: number, anchor = 'start'): string {
  return `<text class="${name}" x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}">${escape(words)}</text>`;
}

function longestFinite(bar: Spread | undefined): number {
  if (!bar) return 0;
  const { least, median, most } = bar;
  return Math.max(0, ...[least, median, most].filter(Number.isFinite));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
