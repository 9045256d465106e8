// Goal: lines are the same however the bytes come, none is lost or made up, and one that is too long is told and not kept.
// Method: texts cut at every possible place, against splitting the whole text; a long line that comes in many pieces.
import { type Line, linesOf } from './json-line.ts';

async function* cut(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, { size = 7, max = 100 } = {}): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const some of linesOf(cut(Buffer.from(text), size), max)) lines.push(...some);
  return lines;
}

const texts = async (...given: Parameters<typeof read>) => (await read(...given)).map(({ bytes }) => bytes?.toString());

test.each([
  ['', []],
  ['\n', ['']],
  ['a', ['a']],
  ['a\n', ['a']],
  ['a\n\nb', ['a', '', 'b']],
  ['a\r\n\r\nb\r\n', ['a', '', 'b']],
  ['a\rb\n\rc\n', ['a\rb', '\rc']],
  ['\n\n\n', ['', '', '']],
  ['é€😀\nñ\n', ['é€😀', 'ñ']],
])('%j has the lines %j, wherever it is cut', async (text, lines) => {
  for (let size = 1; size <= text.length * 4 + 1; size += 1) expect(await texts(text, { size })).toEqual(lines);
});

test('lines are counted from 1, and a piece may hold many of them', async () => {
  const found = await read('a\nb\nc', { size: 100 });
  expect(found.map(({ number }) => number)).toEqual([1, 2, 3]);
});

test('a line of the limit is whole; one byte more is too long, and the next line is read as ever', async () => {
  const text = `${'a'.repeat(10)}\n${'b'.repeat(11)}\r\nc\n${'d'.repeat(10)}\r\n${'e'.repeat(999)}`;
  for (const size of [1, 3, 10, 11, 12, 5000])
    expect(await texts(text, { size, max: 10 })).toEqual(['a'.repeat(10), undefined, 'c', 'd'.repeat(10), undefined]);
});

test('a line that never ends is not kept', async () => {
  const piece = Buffer.alloc(1024 * 1024, 'x');
  async function* endless() {
    for (let n = 0; n < 256; n += 1) yield piece;
    yield Buffer.from('\nlast');
  }
  const before = process.memoryUsage().arrayBuffers;
  const found: Line[] = [];
  for await (const some of linesOf(endless(), 1024)) {
    found.push(...some);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  }
  expect(found.map(({ number, bytes }) => [number, bytes?.toString()])).toEqual([
    [1, undefined],
    [2, 'last'],
  ]);
});
