// Goal: a file gives the same bytes packed and unpacked, and one that cannot be read whole is an error that names it.
// Method: real files in a folder of their own, one of them cut off in the middle.
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isAdminFailure } from 'foldline/admin';
import { contentOf, findExportFile } from './files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foldline-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

const text = Array.from({ length: 20_000 }, (_, n) => `{"n":${n * 7919}}\n`).join('');

async function file(name: string, content: string | Buffer): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

async function read(path: string, onRead?: (bytes: number) => void): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of contentOf(await findExportFile('events', path), onRead)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function failure(path: string): Promise<string> {
  const error = await read(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isAdminFailure(error, 'file-unreadable')) throw error ?? new Error('It was read.');
  return error.message;
}

test('plain and packed files give the same bytes, in one packed part or several', async () => {
  const half = text.length / 2;
  const parts = Buffer.concat([gzipSync(text.slice(0, half)), gzipSync(text.slice(half))]);
  expect(await read(await file('plain.ndjson', text))).toBe(text);
  expect(await read(await file('packed.ndjson.gz', gzipSync(text)))).toBe(text);
  expect(await read(await file('parts.ndjson.gz', parts))).toBe(text);
});

test('what was read is told in bytes on the disk, up to all of them', async () => {
  const packed = gzipSync(text);
  const told: number[] = [];
  await read(await file('told.ndjson.gz', packed), (bytes) => told.push(bytes));
  expect(told.at(-1)).toBe(packed.length);
});

test('a file that is missing, is a folder, is not packed, or was cut off is named', async () => {
  expect(await failure(join(folder, 'none.ndjson'))).toMatch(/--events cannot be read, .*none\.ndjson \(ENOENT/);
  expect(await failure(folder)).toMatch(/it is no file/);
  expect(await failure(await file('unpacked.gz', text))).toMatch(/unpacked\.gz \(incorrect header check\)/);
  const cut = await file('cut.gz', gzipSync(text));
  await truncate(cut, 3000);
  expect(await failure(cut)).toMatch(/cut\.gz \(unexpected end of file\): .* must be complete/);
  expect(await failure(await file('empty.gz', ''))).toMatch(/empty\.gz/);
});

test('whoever stops reading leaves nothing open', async () => {
  const path = await file('left.ndjson.gz', gzipSync(text));
  for await (const piece of contentOf(await findExportFile('people', path))) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
});
