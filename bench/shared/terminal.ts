/** Says what happens now, on one line that changes where the output is a terminal. */
export class Progress {
  private readonly live = process.stdout.isTTY;

  /** Replaces what was said last. */
  readonly say = (state: string): void => {
    if (this.live) process.stdout.write(`\r\x1b[K${state}`);
  };

  /** Prints lines that stay. */
  print(...lines: string[]): void {
    if (this.live) process.stdout.write('\r\x1b[K');
    console.log(lines.join('\n'));
  }
}

/** Lines of cells, aligned and indented. */
export function columns(lines: readonly (readonly string[])[]): string[] {
  const widths = lines.reduce<number[]>(
    (known, line) => line.map((text, index) => Math.max(known[index] ?? 0, text.length)),
    [],
  );
  return lines.map((line) =>
    `  ${line.map((text, index) => text.padEnd(widths[index] ?? 0)).join('   ')}`.trimEnd(),
  );
}
