/** One curve with axes of its own. */
export interface Panel {
  readonly title: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 720;
const HEIGHT = 110;
const GAP = 34;
const LEFT = 48;

/** Draws panels below each other over one common x axis, with a line at 0. */
export function drawPanels(panels: readonly Panel[], xTitle: string): string {
  const xs = panels.flatMap(({ points }) => points.map(([x]) => x));
  const [from, to] = [Math.min(...xs), Math.max(...xs)];
  const x = (value: number): number => LEFT + ((value - from) / (to - from)) * WIDTH;
  const height = panels.length * (HEIGHT + GAP) + 40;
  const ticks = Array.from({ length: Math.floor(to) - Math.ceil(from) + 1 }, (_, n) => Math.ceil(from) + n);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH + LEFT + 20} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...panels.map((panel, index) => drawPanel(panel, 24 + index * (HEIGHT + GAP), x)),
    `<line x1="${round(x(0))}" x2="${round(x(0))}" y1="16" y2="${height - 34}" stroke="#c0392b" stroke-dasharray="4 3"/>`,
    ...ticks.map(
      (tick) =>
        `<text x="${round(x(tick))}" y="${height - 22}" text-anchor="middle" fill="#555">${tick}</text>`,
    ),
    `<text x="${LEFT + WIDTH / 2}" y="${height - 6}" text-anchor="middle" fill="#333">${xTitle}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, points }: Panel, top: number, x: (value: number) => number): string {
  const most = Math.max(1, ...points.map(([, y]) => y)) * 1.1;
  const y = (value: number): number => top + HEIGHT - (value / most) * HEIGHT;
  const line = points.map(([at, value]) => `${round(x(at))},${round(y(value))}`).join(' ');
  const top10 = Math.round((most / 1.1) * 10) / 10;
  return [
    `<text x="${LEFT}" y="${top - 6}" font-weight="bold" fill="#222">${title}</text>`,
    `<rect x="${LEFT}" y="${top}" width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="#ddd"/>`,
    `<text x="${LEFT - 6}" y="${round(y(top10)) + 4}" text-anchor="end" fill="#555">${top10}</text>`,
    `<text x="${LEFT - 6}" y="${top + HEIGHT}" text-anchor="end" fill="#555">0</text>`,
    `<polyline points="${line}" fill="none" stroke="#1f6feb" stroke-width="1.5"/>`,
  ].join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
