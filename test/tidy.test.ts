// Goal: the rules of style that CONTRIBUTING.md names hold in every file, and each of them can fail.
// Method: every rule runs over every source file, and over small samples that break it. Exceptions stand here with their reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeRules } from './rules/code-rules.ts';
import { givenUp, givenUpWords } from './rules/given-up-words.ts';
import { importTable, integerSettingNames, settingsTables } from './rules/settings-tables.ts';
import { allSources, root, sourceOf } from './rules/sources.ts';
import { textRules } from './rules/text-rules.ts';

/** Rule, then path, then why this file may break it. An exception that is not needed any more fails the test. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'the compiler is not silenced: no any, no ts-ignore': {
    'shared/contracts/registry.ts':
      'an upcast takes the payload of its own contract, whose type is known only where the contract is declared',
  },
};

const tidyRules = [...textRules, ...codeRules, givenUp];
const sources = allSources();

describe.each(tidyRules)('$name', (rule) => {
  const excused = exceptions[rule.name] ?? {};

  test('holds', () => {
    const faults = sources
      .filter(({ path }) => !(path in excused))
      .flatMap((source) => rule.faults(source).map((fault) => `${source.path}: ${fault}`));
    expect(faults).toEqual([]);
  });

  test('catches what breaks it', () => {
    for (const [path, text] of rule.catches) {
      expect([path, text.slice(0, 60), rule.faults(sourceOf(path, text)).length]).not.toContain(0);
    }
  });
});

test('every exception names a rule and a file that still needs it', () => {
  const needless = Object.entries(exceptions).flatMap(([name, paths]) => {
    const rule = tidyRules.find((one) => one.name === name);
    return Object.keys(paths).filter((path) => {
      const source = sources.find((one) => one.path === path);
      return !rule || !source || rule.faults(source).length === 0;
    });
  });
  expect(needless).toEqual([]);
});

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(100);
});

test('a setting that is a number says what it counts: milliseconds, bytes, at most, per page, or a port', () => {
  const tables = [...settingsTables().map(({ table }) => table), importTable()];
  const names = tables.flatMap(integerSettingNames);
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !/(^PORT|_(MS|BYTES_MAX|MAX|PER_PAGE|PORT))$/.test(name))).toEqual([]);
});

test('the glossary gives each word up for one that it explains', () => {
  const page = readFileSync(join(root, 'docs', 'glossary.md'), 'utf8');
  const given = givenUpWords();
  expect(given.length).toBeGreaterThan(5);
  const terms = page.slice(0, page.indexOf('## Words that we gave up'));
  const missing = given.filter(({ instead }) => !terms.includes(`**${instead.split(' ')[0]}`));
  expect(missing.map(({ instead }) => instead)).toEqual([]);
});

test('each operation, and each concept of the engine, is explained in the glossary', () => {
  const page = readFileSync(join(root, 'docs', 'glossary.md'), 'utf8').toLowerCase();
  const concepts = sources
    .map(({ path }) =>
      /^shared\/(?:operations\/([a-z]+)\/|engine\/(decider|event|projection|projector|fold|extensions|subject)\.ts$)/.exec(
        path,
      ),
    )
    .flatMap((found) => (found ? [found[1] ?? found[2] ?? ''] : []));
  const asTerm: Readonly<Record<string, string>> = {
    decider: 'decide',
    fold: 'snapshot',
    extensions: 'extension attribute',
  };
  const missing = [...new Set(concepts)].filter((concept) => !page.includes(`**${asTerm[concept] ?? concept}`));
  expect(missing).toEqual([]);
});
