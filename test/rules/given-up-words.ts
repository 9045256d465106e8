// The words that the glossary gave up for another: each concept has one name, in code and in comments. Read from the page itself, so
// that a word is given up in one place.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './sources.ts';
import type { TidyRule } from './tidy-rule.ts';

export interface GivenUp {
  readonly word: string;
  readonly instead: string;
}

/** Rows of the last table: the word, then its replacement in bold. */
export function givenUpWords(page = readFileSync(join(root, 'docs', 'glossary.md'), 'utf8')): readonly GivenUp[] {
  const section = page.slice(page.indexOf('## Words that we gave up'));
  return [...section.matchAll(/^\| ([a-z]+) +\| \*\*([a-z ]+)\*\*/gm)].map(([, word = '', instead = '']) => ({
    word,
    instead,
  }));
}

/** Settings, series, checks and collections that others use keep their names. */
const keptNames =
  /UntoldEvents|untoldEventsForm|SAGA_UNTOLD_\w+|SAGA_TOLD_\w+|GENERATION_MOVE_\w+|foldline_prov?e?o?f?\w*|#?proofs/g;

export const givenUp: TidyRule = {
  name: 'a word that the glossary gave up is in no name and in no comment',
  faults({ path, text }) {
    const shown = `${path}\n${text}`.replaceAll(keptNames, '');
    return givenUpWords().flatMap(({ word, instead }) => {
      const [first = '', rest] = [word[0], word.slice(1)];
      const capital = `${first.toUpperCase()}${rest}`;
      const pattern = new RegExp(
        `(?<![A-Za-z])[${first}${first.toUpperCase()}]${rest}s?(?![a-z])|(?<=[a-z])${capital}s?(?![a-z])`,
      );
      return pattern.test(shown) ? [`says ${word}; the word is ${instead}`] : [];
    });
  },
  // Taken from the table, since this file may not say the words either.
  catches: givenUpWords().flatMap(({ word }): [string, string][] => [
    ['shared/engine/a.ts', `// The ${word} does it.\n`],
    ['shared/engine/a.ts', `const one${word[0]?.toUpperCase()}${word.slice(1)} = 1;\n`],
    [`shared/operations/held/${word}.ts`, ''],
  ]),
};
