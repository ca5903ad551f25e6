import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');

/** The ACL rules in the table under a heading of `docs/security.md`, in their order. */
export function documentedRules(heading: string): string[] {
  const table = sectionOf(heading)
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  return table.map((line) => /^\| `([^`]+)`/.exec(line)![1]!.replace('\\|', '|'));
}

/** The rules of the `ACL SETUSER` line in that section. */
export function documentedCommand(heading: string): string[] {
  const [, rules = ''] =
    /^ACL SETUSER \S+ on >secret resetchannels -@all (.*)$/m.exec(sectionOf(heading)) ?? [];
  return rules.split(' ');
}

function sectionOf(heading: string): string {
  const [, section] = page.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`docs/security.md has no "${heading}"`);
  return section.split('\n## ')[0]!;
}
