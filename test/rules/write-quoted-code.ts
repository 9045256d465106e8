// Writes into the pages under docs/ what they quote of the code: `npm run docs`, after quoted code was changed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withQuotedCode } from './quoted-code.ts';

// Seen from test/dist/rules, where the compiled file lies.
const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

for (const name of readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.md')) continue;
  const path = join('docs', name);
  const page = read(path);
  const now = withQuotedCode(page, read);
  if (now !== page) writeFileSync(join(root, path), now);
}
