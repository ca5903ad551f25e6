import { Agent, get } from 'node:http';

/** A stretch of time in which a probe gave the same answer. */
export interface HealthSpell {
  /** HTTP status, `undefined` where no answer came. */
  readonly status: number | undefined;
  /** The state of the link in the words of the body. */
  readonly state: string;
  /** On the clock of `performance.now()`. */
  readonly from: number;
}

interface ProbeBody {
  readonly details?: Readonly<Record<string, { readonly state?: string }>>;
}

const ASK_EVERY = 20;
const PATIENCE = 1_000;

/** Asks a probe all the time and remembers when its answer changed. */
export class HealthWatch {
  private readonly spells: HealthSpell[] = [];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly url: string) {
    this.ask();
  }

  /** The present answer. */
  get now(): HealthSpell | undefined {
    return this.spells.at(-1);
  }

  /** The answers from that moment on, the one that held then included. */
  since(from: number): HealthSpell[] {
    const first = this.spells.findLastIndex((spell) => spell.from <= from);
    return this.spells.slice(Math.max(0, first));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.agent.destroy();
  }

  private ask(): void {
    const from = performance.now();
    const answered = (status: number | undefined, state: string): void => {
      if (this.stopped) return;
      if (this.now?.status !== status || this.now?.state !== state) this.spells.push({ status, state, from });
      this.timer = setTimeout(() => this.ask(), ASK_EVERY);
    };
    const request = get(this.url, { agent: this.agent, timeout: PATIENCE }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => answered(response.statusCode, stateOf(body)));
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', () => answered(undefined, 'no answer'));
  }
}

function stateOf(body: string): string {
  const { details = {} } = JSON.parse(body) as ProbeBody;
  return Object.values(details)[0]?.state ?? 'unknown';
}
