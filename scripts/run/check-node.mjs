import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ends this process with a clear word where Node is older than `engines` of the folder's package.json allows. */
export function checkNode(folder) {
  const { node: range } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).engines;
  const [major, minor] = process.versions.node.split('.').map(Number);
  const fits = range.split('||').some((part) => {
    const [, sign, least, leastMinor = '0'] = /^\s*(\^|>=)(\d+)(?:\.(\d+))?/.exec(part);
    if (major === Number(least)) return minor >= Number(leastMinor);
    return sign === '>=' && major > Number(least);
  });
  if (fits) return;
  console.error(`Node ${process.versions.node} is too old: ${range} is needed. See https://nodejs.org/`);
  process.exit(1);
}
