import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Deadlines } from '../../src/transport/deadlines.js';
import { poll } from '../../src/testing/index.js';

let elapsed: string[];
let deadlines: Deadlines<string>;

beforeEach(() => {
  elapsed = [];
  deadlines = new Deadlines(100, (one) => elapsed.push(one));
});
afterEach(() => {
  deadlines.clear();
  jest.useRealTimers();
});

it('end after the timeout, in order, unless they are removed', async () => {
  jest.useFakeTimers();
  deadlines.add('a');
  deadlines.add('b');
  await jest.advanceTimersByTimeAsync(50);
  deadlines.add('c');
  deadlines.remove('b');
  await jest.advanceTimersByTimeAsync(49);
  expect(elapsed).toEqual([]);
  await jest.advanceTimersByTimeAsync(12);
  expect(elapsed).toEqual(['a']);
  await jest.advanceTimersByTimeAsync(60);
  expect(elapsed).toEqual(['a', 'c']);
  expect(jest.getTimerCount()).toBe(0);
});

it('start again after everything has ended', async () => {
  jest.useFakeTimers();
  deadlines.add('a');
  await jest.advanceTimersByTimeAsync(120);
  deadlines.add('b');
  await jest.advanceTimersByTimeAsync(120);
  expect(elapsed).toEqual(['a', 'b']);
});

it('do not end because the event loop stalled', async () => {
  deadlines.add('a');
  let answered = false;
  setImmediate(() => {
    const until = performance.now() + 300;
    while (performance.now() < until);
    setImmediate(() => {
      answered = true;
      deadlines.remove('a');
    });
  });
  await poll(() => answered, { what: 'the turn after the stall' });
  expect(elapsed).toEqual([]);
});
