// Goal: the rules of style that CONTRIBUTING.md names hold in every file, and each of them can fail.
// Method: every rule runs over every source file, and over small samples that break it. Exceptions stand here with their reason.
import { codeRules } from './rules/code-rules.ts';
import { importTable, integerSettingNames, settingsTables } from './rules/settings-tables.ts';
import { allSources, sourceOf } from './rules/sources.ts';
import { textRules } from './rules/text-rules.ts';

/** Rule, then path, then why this file may break it. An exception that is not needed any more fails the test. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'the compiler is not silenced: no any, no ts-ignore': {
    'shared/contracts/registry.ts':
      'an upcast takes the payload of its own contract, whose type is known only where the contract is declared',
  },
};

const tidyRules = [...textRules, ...codeRules];
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
