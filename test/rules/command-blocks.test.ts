// Goal: the commands of a page are found as a reader finds them, with what the page shows as their answer. Method: small pages.
import { commandBlocksOf, differingShape, filesOf } from './command-blocks.ts';

const fenced = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;

test('blocks are found in order, with the JSON that is shown next, and with why they are not run', () => {
  const page = [
    '# A page',
    fenced('sh', 'one'),
    'words',
    fenced('json', '{"a":1}'),
    fenced('json', '{"b":1}'),
    '<!-- not run: there is no engine -->',
    '',
    fenced('sh', 'two\nthree'),
    fenced('text', 'four'),
    '## Another part',
    fenced('json', '{"c":1}'),
  ].join('\n');
  expect(commandBlocksOf(page)).toEqual([
    { line: 2, text: 'one\n', notRun: undefined, shown: '{"a":1}\n' },
    { line: 14, text: 'two\nthree\n', notRun: 'there is no engine', shown: undefined },
  ]);
});

test.each<[unknown, unknown, string | undefined]>([
  [{ a: 1, b: { c: '7-x' } }, { a: 2, b: { c: '8-y' } }, undefined],
  [{ a: 'Ada King' }, { a: 'Ada' }, '/a'],
  [{ a: 1 }, { a: '1' }, '/a'],
  [{ version: 1 }, { version: 2 }, '/version'],
  [{ a: '7f-1', b: null }, { a: '7f-2', b: '2030' }, undefined],
  [{ a: 1 }, { a: 1, b: 2 }, '/b'],
  [{ a: { b: 1 } }, { a: {} }, '/a/b'],
  [{ a: [{ b: 1 }] }, { a: [{ b: 2 }, { c: 1 }] }, undefined],
  [{ a: [{ b: 1 }] }, { a: [{ c: 1 }] }, '/a/0/b'],
  [{ a: [] }, { a: [1] }, undefined],
  [{ a: null }, { a: {} }, '/a'],
  [{}, 'text', '/'],
])('%j and %j differ at %s', (shown, real, path) => {
  expect(differingShape(shown, real)).toBe(path);
});

test('the files that a page makes are found, quoted code or not', () => {
  const page = [
    '<!-- file: a/b.ts -->',
    '<!-- code: x.ts#y -->',
    fenced('ts', 'one'),
    '<!-- file: c.json -->',
    fenced('json', '{}'),
  ];
  expect(filesOf([...page, fenced('ts', 'no file')].join('\n'))).toEqual([
    { path: 'a/b.ts', text: 'one\n' },
    { path: 'c.json', text: '{}\n' },
  ]);
});
