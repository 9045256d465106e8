// Writes the documents of the contracts, and publishes what is new under the release of now: `npm run docs`. What was published
// is never written again: a test says what to do about it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contractsRelease } from '@foldline/contracts';
import { contractPages, jsonText, promisedSchemas, publishedFolder, publishedSchemas } from './contract-pages.ts';

// Seen from test/dist/rules, where the compiled file lies.
const root = fileURLToPath(new URL('../../../', import.meta.url));
mkdirSync(join(root, 'docs/schemas'), { recursive: true });
for (const [path, text] of contractPages()) writeFileSync(join(root, path), text);

const newest = new Map(publishedSchemas(root).map(({ type, schema }) => [type, jsonText(schema)]));
const folder = join(root, publishedFolder, contractsRelease);
mkdirSync(folder, { recursive: true });
const there = readdirSync(folder);
for (const [type, schema] of promisedSchemas()) {
  const name = `${type}.json`;
  if (newest.get(type) !== jsonText(schema) && !there.includes(name))
    writeFileSync(join(folder, name), jsonText(schema));
}
const sumOf = (name: string) => `${sha256(readFileSync(join(folder, name)))}  ${name}`;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const sumsFile = join(folder, 'SHA256SUMS');
const kept = existsSync(sumsFile) ? readFileSync(sumsFile, 'utf8').trim().split('\n') : [];
// A sum that is there is kept, whatever the file holds now: a published file that somebody changed must go on failing its test.
const listed = new Set(kept.map((line) => line.split(/\s+/)[1]));
const added = readdirSync(folder).filter((name) => name.endsWith('.json') && !listed.has(name));
const byName = (a: string, b: string) => (a.slice(66) < b.slice(66) ? -1 : 1);
writeFileSync(sumsFile, `${[...kept, ...added.map(sumOf)].sort(byName).join('\n')}\n`);
