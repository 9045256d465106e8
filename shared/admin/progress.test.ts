// Goal: whoever waits for long work learns how far it is, how fast, and how long still; in a file no bar leaves stray characters.
// Method: a clock moved by hand, and streams that keep what was written.
import { startProgress } from './progress.ts';

function started(terminal: boolean) {
  const lines: string[] = [];
  const bars: string[] = [];
  let atMs = 0;
  const progress = startProgress(
    { stderr: (text) => lines.push(...[text].flat()), rewrite: terminal ? (text) => bars.push(text) : undefined },
    { title: 'events', unit: 'lines' },
    { lineEveryMs: 5000, nowMs: () => atMs },
  );
  const at = (ms: number, share: number, count: number) => {
    atMs = ms;
    progress.at(share, count);
  };
  return { lines, bars, at, end: progress.end };
}

test('without a terminal a line every few seconds, with rate and time left', () => {
  const { lines, bars, at, end } = started(false);
  at(4999, 0.1, 1000);
  expect(lines).toEqual([]);
  at(5000, 0.25, 12_500);
  at(9000, 0.4, 20_000);
  at(100_000, 0.5, 1_200_000);
  end();
  expect(lines).toEqual([
    'events: 25 %, 12,500 lines, 2,500/s, 15 s left',
    'events: 50 %, 1,200,000 lines, 12,000/s, 1 min 40 s left',
    'events: 1,200,000 lines in 1 min 40 s',
  ]);
  expect(bars).toEqual([]);
});

test('on a terminal a bar that is written over, and taken off at the end', () => {
  const { lines, bars, at, end } = started(true);
  at(99, 0, 0);
  at(100, 0.5, 10);
  at(150, 0.6, 12);
  at(300, 1.5, 20);
  end();
  expect(bars).toEqual([
    '[############------------] events: 50 %, 10 lines, 100/s, 0 s left',
    '[########################] events: 100 %, 20 lines, 67/s, 0 s left',
    '',
  ]);
  expect(lines).toEqual(['events: 20 lines in 0 s']);
});

test('nothing reached yet has no time left to tell', () => {
  const { lines, at } = started(false);
  at(5000, 0, 0);
  expect(lines).toEqual(['events: 0 %, 0 lines, 0/s']);
});
