/** A scrape: what one would see at `GET /metrics`. */
export class MetricsPage {
  readonly #values = new Map<string, number>();

  constructor(readonly text: string) {
    for (const line of text.split('\n')) {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name !== undefined) this.#values.set(keyOf(name, parseLabels(labels)), Number(value));
    }
  }

  static async fetch(url: string): Promise<MetricsPage> {
    return new MetricsPage(await (await fetch(url)).text());
  }

  /** The value of one series of our own; undefined where there is none. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    return this.#values.get(keyOf(`redis_resilient_${name}`, { name: 'default', ...labels }));
  }

  /** The names of all series, once each. */
  get series(): string[] {
    return [...this.#values.keys()];
  }
}

function parseLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}

function keyOf(name: string, labels: Record<string, string>): string {
  const sorted = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
  return `${name}{${sorted.map(([label, value]) => `${label}="${value}"`).join(',')}}`;
}
