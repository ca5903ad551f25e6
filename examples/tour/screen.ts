import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

/** How a piece of text looks. */
export type Look = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

const CLEAR_LINE = '\r\u001b[2K';
const CUT_LONG_LINES = '\u001b[?7l';
const WRAP_LONG_LINES = '\u001b[?7h';
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_EVERY = 80;
const MIN_ROOM = 30;

/**
 * Where the tour is shown: on a terminal with colours and a last line that moves, elsewhere as plain lines. Colours
 * follow NO_COLOR.
 */
export class Screen {
  /** Whether the last line can move. */
  readonly moves: boolean;
  private readonly hasColours: boolean;
  private live: (() => string) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private frame = 0;
  private isClosed = false;

  constructor(private readonly stream: WriteStream) {
    this.moves = stream.isTTY && process.env['TERM'] !== 'dumb';
    this.hasColours = this.moves && stream.hasColors();
  }

  paint(look: Look, text: string): string {
    return this.hasColours ? styleText(look, text, { validateStream: false }) : text;
  }

  line(text = ''): void {
    if (this.isClosed) return;
    this.stream.write(`${this.live ? CLEAR_LINE : ''}${text}\n`);
    this.draw();
  }

  /** Shows a text of any length, below a prefix that stands before each line. */
  text(prefix: string, text: string, look?: Look): void {
    const room = this.moves ? Math.max(MIN_ROOM, this.stream.columns - prefix.length) : Infinity;
    for (const line of wrap(text, room)) this.line(prefix + (look ? this.paint(look, line) : line));
  }

  /** Shows a line that moves below all others, until the function that this gives is called. */
  follow(text: () => string): () => void {
    if (!this.moves || this.isClosed) return () => undefined;
    this.live = text;
    this.timer = setInterval(() => {
      this.frame += 1;
      this.draw();
    }, FRAME_EVERY);
    this.draw();
    return () => this.unfollow();
  }

  /** Says, on stderr, what went wrong. */
  fail(words: string): void {
    this.unfollow();
    process.stderr.write(`\n${this.paint('red', 'Failed:')} ${words}\n`);
  }

  /** From now on nothing is shown. */
  close(): void {
    this.unfollow();
    this.isClosed = true;
  }

  private unfollow(): void {
    if (!this.live) return;
    clearInterval(this.timer);
    this.live = undefined;
    this.stream.write(CLEAR_LINE);
  }

  private draw(): void {
    if (!this.live) return;
    const spinner = this.paint('cyan', FRAMES[this.frame % FRAMES.length] ?? '');
    this.stream.write(`${CLEAR_LINE}${CUT_LONG_LINES}${spinner} ${this.live()}${WRAP_LONG_LINES}`);
  }
}

/** Breaks a text between words; a word that is longer than a line stays whole. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
