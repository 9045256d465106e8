// The rules about how a file is named, how long it is, how it opens, and what may not be left in it.
import { nameOf, servesTests } from './sources.ts';
import type { TidyRule } from './tidy-rule.ts';

const linesMax = 300;
const testLinesMax = 400;
const openingLinesMax = 4;
const testOpeningLinesMax = 8;
const openings = `// Why.\n`;

const fileLength: TidyRule = {
  name: 'a file has at most 300 lines, a test 400',
  faults({ path, text }) {
    const lines = text.split('\n').length - 1;
    const max = servesTests(path) ? testLinesMax : linesMax;
    return lines > max ? [`has ${lines} lines; at most ${max} are meant`] : [];
  },
  catches: [
    ['shared/engine/long.ts', '\n'.repeat(301)],
    ['shared/engine/long.test.ts', '\n'.repeat(401)],
  ],
};

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const fileNames: TidyRule = {
  name: 'files and folders are named in kebab-case',
  faults({ path }) {
    const parts = path.replace(/(\.store)?(\.test|\.d)?\.ts$/, '').split('/');
    return parts.filter((part) => !kebabCase.test(part)).map((part) => `${part} is not kebab-case`);
  },
  catches: [
    ['shared/engine/eventStore.ts', ''],
    ['user-service/src/Users/user.ts', ''],
  ],
};

const emptyWords = /^(managers?|helpers?|utils?|base)$/;
const techniqueFolders = /(^|\/)(common|misc|controllers|services|repositories|models)\//;
const typeDeclarations = new Set(['ClassDeclaration', 'TsInterfaceDeclaration', 'TsTypeAliasDeclaration']);

const sayingNames: TidyRule = {
  name: 'no file, folder or type is a Manager, Helper, Util or Base',
  faults({ path, nodes }) {
    const words = path.split(/[/.-]/).filter((word) => emptyWords.test(word));
    const faults = words.map((word) => `"${word}" in its path says nothing of what it is for`);
    const folder = techniqueFolders.exec(path)?.[2];
    if (folder) faults.push(`the folder ${folder} names a technique, not a business`);
    for (const node of nodes()) {
      const name = typeDeclarations.has(node.type) ? nameOf(node.identifier ?? node.id) : undefined;
      const word = name?.match(/[A-Z][a-z]*/g)?.find((part) => emptyWords.test(part.toLowerCase()));
      if (word) faults.push(`the type ${name}: "${word}" says nothing of what it is for`);
    }
    return faults;
  },
  catches: [
    ['shared/http/string-utils.ts', ''],
    ['user-service/src/controllers/user.ts', ''],
    ['shared/engine/store.ts', 'export class StoreManager {}'],
    ['shared/engine/store.ts', 'interface BaseStore { a: string }'],
  ],
};

const leftovers: TidyRule = {
  name: 'nothing is left for later: no TODO, no test that is skipped or runs alone',
  faults({ text, nodes }) {
    const faults = [...text.matchAll(/(?:^|\s)(?:\/\/|\*).*\b(TODO|FIXME|XXX)\b/gm)].map(([, word]) => `has a ${word}`);
    for (const { type, object, property } of nodes()) {
      const suite = /^(test|it|describe)$/.test(nameOf(object) ?? '');
      const name = nameOf(property) ?? '';
      if (type === 'MemberExpression' && suite && /^(only|skip|todo|failing)$/.test(name))
        faults.push(`has a ${nameOf(object)}.${name}`);
    }
    return faults;
  },
  catches: [
    ['shared/engine/store.ts', '// TODO: repair this\n'],
    ['shared/engine/store.test.ts', "test.only('one', () => {});"],
    ['shared/engine/store.test.ts', "describe.skip('all', () => {});"],
    ['shared/engine/store.test.ts', "test.skip.each([1])('%s', () => {});"],
  ],
};

const opening: TidyRule = {
  name: 'a module opens with one to four lines that say what it is for; a test with its goal',
  faults({ path, text }) {
    // An executable begins with the program that runs it.
    const lines = text.replace(/^#!.*\n/, '').split('\n');
    const found = lines.findIndex((line) => !line.startsWith('//'));
    // A list of re-exports has nothing to say that its folder does not.
    if (lines.every((line) => line === '' || /^(export |\s|\}|\/\/)/.test(line)) && path.endsWith('/index.ts'))
      return [];
    const max = path.endsWith('.test.ts') ? testOpeningLinesMax : openingLinesMax;
    if (found === 0) return ['does not open with a comment'];
    return found > max ? [`opens with ${found} lines of comment; at most ${max} are read`] : [];
  },
  catches: [
    ['shared/engine/store.ts', 'export const a = 1;\n'],
    ['shared/engine/index.ts', 'const a = 1;\nexport { a };\n'],
    ['shared/bin/main.ts', '#!/usr/bin/env node\nexport const a = 1;\n'],
    ['shared/engine/store.ts', `${openings.repeat(5)}export const a = 1;\n`],
  ],
};

export const textRules: readonly TidyRule[] = [fileLength, fileNames, sayingNames, leftovers, opening];
