// Writes docs/errors.md from the catalogue: run `node shared/dist/http/write-errors-page.js` after changing either.
import { writeFile } from 'node:fs/promises';
import { renderErrorsMarkdown } from './problem-explanations.ts';

// Seen from dist/http, where the compiled file lies.
await writeFile(new URL('../../../docs/errors.md', import.meta.url), renderErrorsMarkdown());
