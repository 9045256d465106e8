// Writes the documents of the contracts, and publishes what is new under the release of now: `npm run docs`. What was published
// is never written again: a test says what to do about it.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contractsRelease } from '@foldline/shared/contracts';
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
const sums = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}  ${name}\n`,
  );
writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));
