import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { LANES } from '../matrix/lanes.js';
import { DOCUMENT, shapeIn, shapeOf } from '../matrix/table.js';

const document = readFileSync(DOCUMENT, 'utf8');

describe('the matrix of CONTRIBUTING.md', () => {
  it('has the lanes that npm run test:matrix runs', () => {
    expect(shapeIn(document)).toEqual(shapeOf(LANES));
  });

  it('has a result of each', () => {
    const rows = document.split('\n').filter((line) => /^\| `[a-z0-9-]+` /.test(line));
    expect(rows.filter((row) => !/ passed, \d+ s +\|$/.test(row))).toEqual([]);
  });

  it('is stale once a lane asks for something else', () => {
    const [first, ...others] = LANES;
    expect(shapeIn(document)).not.toEqual(shapeOf(others));
    expect(shapeIn(document)).not.toEqual(shapeOf([{ ...first!, node: '18' }, ...others]));
  });
});
