// Goal: the documents name only what exists, and the reference of the settings is the code's own.
// Method: every page is read; its links, commands, paths, settings, error codes and series are looked for where they should be.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, type RuleName, rules } from 'foldline/connect';
import { failures } from 'foldline/engine';
import { commandBlocksOf } from './rules/command-blocks.ts';
import { configurationPage, connectVariables, systemVariables } from './rules/configuration-page.ts';
import {
  anchorsOf,
  brokenRowsOf,
  codeOf,
  linksOf,
  npmCommandsOf,
  pathsIn,
  problemsIn,
  repeatedSentencesOf,
  unclosedBlocksOf,
  variablesIn,
  withoutBlocks,
} from './rules/markdown.ts';
import { regionOf, withQuotedCode } from './rules/quoted-code.ts';
import { importTable, settingsTables } from './rules/settings-tables.ts';
import { allSources, filesUnder, root, shippedConnectors } from './rules/sources.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const exists = (path: string) => existsSync(join(root, path));
const pages = [...readdirSync(root).filter((name) => name.endsWith('.md')), ...filesUnder('docs', '.md')].map(
  (path) => ({
    path,
    text: read(path),
  }),
);
const page = (path: string) => pages.find((one) => one.path === path)?.text ?? '';

/** What each page says that is not so, one sentence each. */
const faultsOf = (find: (text: string, path: string) => string[]) =>
  pages.flatMap(({ path, text }) => find(text, path).map((fault) => `${path}: ${fault}`));

test('docs/configuration.md is what the settings tables say; `npm run docs` writes it', () => {
  expect(page('docs/configuration.md')).toBe(configurationPage(settingsTables(), importTable()));
});

test('the variables that are listed by hand are those that the code reads', () => {
  const system = [...read('system/config.ts').matchAll(/given\('(\w+)'\)/g)].map(([, name]) => name);
  const connect = [...read('shared/connect/config.ts').matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
  expect(systemVariables.map(([name]) => name).sort()).toEqual([...new Set(system)].sort());
  expect(connectVariables.map(([name]) => name).sort()).toEqual([...new Set(connect)].sort());
});

test('every piece of code ends on its line, else the tests below would not see it', () => {
  const faults = faultsOf((text) =>
    withoutBlocks(text)
      .split('\n')
      .filter((line) => (line.split('`').length - 1) % 2 === 1),
  );
  expect(faults).toEqual([]);
});

test('every block ends before the next one begins, else a reader sees prose as commands', () => {
  expect(faultsOf(unclosedBlocksOf)).toEqual([]);
});

test('every row of a table has as many cells as its head, else words of a row are not shown', () => {
  expect(faultsOf(brokenRowsOf)).toEqual([]);
});

test('no sentence stands twice on a page', () => {
  expect(faultsOf(repeatedSentencesOf)).toEqual([]);
});

test('code that a page quotes is the code; `npm run docs` writes it', () => {
  for (const { path, text } of pages) expect([path, withQuotedCode(text, read)]).toEqual([path, text]);
  const source = ['test(() => {', '  // #region one', '  if (a)', '    b();', '  // #endregion', '});'].join('\n');
  expect(regionOf(source, 'one')).toBe('if (a)\n  b();');
  const stale = '<!-- code: x.ts#one -->\n```ts\nold();\n```\n';
  expect(withQuotedCode(stale, () => source)).toBe('<!-- code: x.ts#one -->\n```ts\nif (a)\n  b();\n```\n');
  const whole = '<!-- code: x.json -->\n```json\nold\n```\n';
  expect(withQuotedCode(whole, () => '{}\n')).toBe('<!-- code: x.json -->\n```json\n{}\n```\n');
  expect(() => withQuotedCode(stale, () => '')).toThrow('x.ts has no region one');
});

test('every link leads to a file, and to a heading that it has', () => {
  const faults = faultsOf((text, path) =>
    linksOf(path, text)
      .filter(({ file, heading }) => !exists(file) || (heading && !anchorsOf(read(file)).includes(heading)))
      .map(({ asWritten }) => `the link ${asWritten} leads nowhere`),
  );
  expect(faults).toEqual([]);
});

test('every row of a table has as many cells as its head: a bar inside code must be escaped, too', () => {
  const cells = (row: string) => row.replaceAll('\\|', '').split('|').length - 2;
  const faults = faultsOf((text) => {
    const lines = text.split('\n');
    let head = 0;
    return lines.filter((line, at) => {
      if (!line.startsWith('|')) return false;
      if (lines[at - 1]?.startsWith('|') !== true) head = cells(line);
      return cells(line) !== head;
    });
  });
  expect(faults).toEqual([]);
});

test('every npm command that is named can be run', () => {
  const scripts = (folder: string) => JSON.parse(read(join(folder, 'package.json'))).scripts ?? {};
  const faults = faultsOf((text) =>
    npmCommandsOf(text)
      .filter(({ script, workspace = '.' }) => !exists(workspace) || !(script in scripts(workspace)))
      .map(({ script, workspace = 'the root' }) => `there is no script ${script} in ${workspace}`),
  );
  expect(faults).toEqual([]);
});

test('every file and folder that is named exists', () => {
  const faults = faultsOf((text) =>
    pathsIn(text)
      .filter((path) => !exists(path))
      .map((path) => `${path} does not exist`),
  );
  expect(faults).toEqual([]);
});

test('each of the eleven laws in ARCHITECTURE.md names a test that exists', () => {
  const laws = page('ARCHITECTURE.md')
    .split(/^### (?=\d+\. )/m)
    .slice(1);
  expect(laws.map((law) => Number.parseInt(law, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const untested = laws.filter((law) => !pathsIn(law.split(/^## /m)[0] ?? '').some((path) => /\.test\.ts$/.test(path)));
  expect(untested.map((law) => law.split('\n')[0])).toEqual([]);
});

test('every environment variable that is named is in the reference', () => {
  const known = variablesIn(page('docs/configuration.md'));
  const faults = faultsOf((text) =>
    variablesIn(text)
      .filter((name) => !known.includes(name))
      .map((name) => `${name} is no setting`),
  );
  expect(faults).toEqual([]);
});

test('docs/README.md lists every page, once, under the four kinds of documents', () => {
  const index = page('docs/README.md');
  expect(index.match(/^## \w+/gm)).toEqual(['## Tutorials', '## How', '## Reference', '## Explanation']);
  const listed = linksOf('docs/README.md', index).map(({ file }) => file);
  expect(listed.filter((file, at) => listed.indexOf(file) !== at)).toEqual([]);
  const others = pages.map(({ path }) => path).filter((path) => /^docs\/(scenarios\/)?[\w-]+\.md$/.test(path));
  expect(others.filter((path) => path !== 'docs/README.md' && !listed.includes(path))).toEqual([]);
});

test('every command that a page shows is run by a test, or says why not', () => {
  const tests = filesUnder('test/e2e', '.test.ts').map(read).join('\n');
  const faults = faultsOf((text, path) => {
    const open = commandBlocksOf(text).filter(({ notRun }) => notRun === undefined);
    if (open.length === 0 || tests.includes(`runPage('${path}'`)) return [];
    const named = /^<!-- (?:commands:|played by) (.+) -->$/m.exec(text)?.[1]?.match(/[\w/.-]+\.test\.ts/g) ?? [];
    return named.length > 0 && named.every(exists) ? [] : [`no test runs the command at line ${open[0]?.line}`];
  });
  expect(faults).toEqual([]);
});

test('docs/troubleshooting.md: each symptom has a cause, a remedy, and a test of its name that plays it', () => {
  const symptoms = page('docs/troubleshooting.md').split(/^### /m).slice(1);
  const faults = symptoms.flatMap((symptom) => {
    const [heading = ''] = symptom.split('\n');
    const played = /^<!-- played by (\S+) -->$/m.exec(symptom)?.[1];
    const name = `troubleshooting: ${heading.replaceAll('`', '')}`;
    return [
      ...(/^.+\n\n<!-- played by \S+ -->\n\n/.test(symptom)
        ? []
        : ['is not followed by its test, between empty lines']),
      ...['**Cause.** ', '**Remedy.** '].filter((part) => !symptom.includes(part)).map((part) => `has no ${part}`),
      ...(played === undefined || !exists(played) || !read(played).replaceAll('`', '').includes(name)
        ? [`no test is called "${name}" in ${played ?? 'a file that it names'}`]
        : []),
    ].map((fault) => `${heading}: ${fault}`);
  });
  expect(faults).toEqual([]);
});

test('every error code is in the catalogue, with that status', () => {
  const catalogue: Readonly<Record<string, { status: number }>> = failures;
  const faults = faultsOf((text) =>
    problemsIn(text)
      .filter(({ status, code }) => catalogue[code]?.status !== status)
      .map(({ status, code }) => `${status} ${code} is not in the catalogue`),
  );
  expect(faults).toEqual([]);
});

test('docs/operating.md explains every series of our own, and no other', () => {
  const code = allSources().filter(({ path }) => /^shared\/(metrics|http|operations\/[a-z]+)\/[a-z-]+\.ts$/.test(path));
  const ours = code
    .flatMap(({ text }) => text.match(/'(foldline|http)_[a-z_]+'/g) ?? [])
    .map((name) => name.slice(1, -1));
  const explained = codeOf(page('docs/operating.md')).filter((name) => /^(foldline|http)_[a-z_]+$/.test(name));
  expect([...new Set(explained)].sort()).toEqual([...new Set(ours)].sort());
});

test('docs/connectors.md explains every key of the shipped connector files', () => {
  const explained = codeOf(page('docs/connectors.md')).map(
    (key) => new RegExp(`^${key.replace(/[.$^()[\]{}+?|\\]/g, '\\$&').replaceAll('*', '.+')}$`),
  );
  const keys = shippedConnectors.flatMap((file) => {
    const { topic, config } = JSON.parse(read(file)) as Record<'topic' | 'config', Record<string, object>>;
    return [...Object.keys(config), ...Object.keys(topic.config ?? {})];
  });
  expect([...new Set(keys)].filter((key) => !explained.some((one) => one.test(key)))).toEqual([]);
});

test('docs/connectors.md explains every rule with its example and every finding of doctor, and no other', () => {
  const text = page('docs/connectors.md');
  const pairs = (table: Readonly<Record<string, { readonly severity: string }>>) =>
    Object.entries(table).map(([name, { severity }]) => `${name} ${severity}`);
  const headings = [...text.matchAll(/^### ([a-z-]+) \((error|warning)\)\n\nWithout it: (.+)$/gm)];
  expect(headings.map(([, name, severity]) => `${name} ${severity}`)).toEqual(pairs(rules));
  // What it says of the loss begins with what the table says.
  expect(headings.filter(([, name, , told]) => !told?.startsWith(`${rules[name as RuleName].loss}.`))).toEqual([]);
  const examples = [...text.matchAll(/^<!-- code: connect\/lint-examples\/([a-z-]+)\.json -->$/gm)];
  expect(examples.map(([, name]) => name)).toEqual(Object.keys(rules));
  const findings = [...text.matchAll(/^\| `([a-z-]+)` +\| (error|warning) +\|/gm)];
  expect(findings.map(([, code, severity]) => `${code} ${severity}`)).toEqual(pairs(catalogue));
});

test('every decision is listed in ARCHITECTURE.md and begins with the loss that it prevents', () => {
  const decisions = pages.filter(({ path }) => path.startsWith('docs/decisions/'));
  const listed = linksOf('ARCHITECTURE.md', page('ARCHITECTURE.md')).map(({ file }) => file);
  expect(decisions.map(({ path }) => path).filter((path) => !listed.includes(path))).toEqual([]);
  const numbers = [...page('ARCHITECTURE.md').matchAll(/^(\d+)\. \[.*\]\(docs\/decisions\/0*(\d+)-/gm)];
  expect(numbers.map(([, shown]) => Number(shown))).toEqual(decisions.map((_, at) => at + 1));
  expect(numbers.map(([, , file]) => Number(file))).toEqual(decisions.map((_, at) => at + 1));
  const form =
    /^# \d{4} · .+\n\n## The loss\n\n1\. [\s\S]+\n2\. [\s\S]+\n3\. [\s\S]+\n## Decision\n[\s\S]+\n## Alternatives\n[\s\S]+\n## Cost\n/;
  expect(decisions.filter(({ text }) => !form.test(text)).map(({ path }) => path)).toEqual([]);
});

test('what a page promises is found in its text, and what is only an example is not', () => {
  const text = [
    '# A page: of "things"',
    'See [one](docs/x.md#some-heading), [other](https://example.org/), `shared/engine/fold.ts` and `shared/*/x.ts`.',
    'Answers 503 `subject-held`. Set `DATA_DIR=/tmp` and `npm run docs`; alone: `npm start -w user-service`.',
    '```',
    '[not a link](nowhere.md)',
    'npm test -- --embedded',
    '```',
  ].join('\n');
  expect(linksOf('README.md', text)).toEqual([
    { file: 'docs/x.md', heading: 'some-heading', asWritten: 'docs/x.md#some-heading' },
  ]);
  expect(linksOf('docs/a.md', '[up](../README.md) [here](#part)')).toEqual([
    { file: 'README.md', heading: undefined, asWritten: '../README.md' },
    { file: 'docs/a.md', heading: 'part', asWritten: '#part' },
  ]);
  expect(anchorsOf(text)).toEqual(['a-page-of-things']);
  expect(npmCommandsOf(text)).toEqual([
    { script: 'docs', workspace: undefined },
    { script: 'start', workspace: 'user-service' },
    { script: 'test', workspace: undefined },
  ]);
  expect(pathsIn(text)).toEqual(['shared/engine/fold.ts']);
  expect(variablesIn(text)).toEqual(['DATA_DIR']);
  expect(problemsIn(text)).toEqual([{ status: 503, code: 'subject-held' }]);
});

test('a block that does not end, a row with too many cells and a sentence that stands twice are seen', () => {
  expect(unclosedBlocksOf('```sh\na\n```\n```sh\nb\n### heading\n```sh\nc\n```\n')).toEqual([
    'the block of line 4 goes on to line 7',
  ]);
  expect(unclosedBlocksOf('```\na\n')).toEqual(['the block of line 1 never ends']);
  expect(brokenRowsOf('| a | b |\n|---|---|\n| `x|y` | z |\n')).toEqual(['| `x|y` | z |']);
  expect(brokenRowsOf('| a | b |\n|---|---|\n| `x\\|y` | z |\n')).toEqual([]);
  const sentence = 'One more is refused at once: 413 `too-large`, or 503 `overloaded`.';
  expect(repeatedSentencesOf(`${sentence} Another one.\n${sentence}\nAnother one.`)).toEqual([sentence]);
});
