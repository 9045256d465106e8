// Goal: the package that strangers install holds what its entrances need, and nothing else: no test, no help for our tests, no source.
// Method: the list of files that npm would pack is held against the imports of the sources, beginning at the entrances.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf } from './rules/imports.ts';
import { allSources, root, sourceOf } from './rules/sources.ts';

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest: Manifest = JSON.parse(readFileSync(join(root, 'shared/package.json'), 'utf8'));
const sources = new Map(allSources().map((source) => [source.path, source]));
const sourceOfFile = (file: string) => file.replace(/^(\.\/)?dist\//, 'shared/').replace(/\.(d\.ts|js)$/, '.ts');

const entrances = Object.values(manifest.exports).flatMap((one) => (typeof one === 'string' ? [] : [one.default]));
const imports = reachedFrom([...entrances, ...Object.values(manifest.bin)].map(sourceOfFile));
const needed = new Set(imports.keys());

function reachedFrom(first: readonly string[]): Map<string, readonly string[]> {
  const reached = new Map<string, readonly string[]>();
  const todo = [...first];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const source = sources.get(path);
    if (!source) throw new Error(`${path} is an entrance, or is imported, and does not exist.`);
    if (reached.has(path)) continue;
    const found = importsOf(source);
    reached.set(
      path,
      found.flatMap(({ file, specifier }) => (file ? [] : [specifier])),
    );
    todo.push(...found.flatMap(({ file }) => file ?? []));
  }
  return reached;
}

/** Left over in `dist` from a source that is gone; `npm run pack` begins with an empty folder. */
const isLeftOver = (file: string) => file.startsWith('dist/') && !existsSync(join(root, sourceOfFile(file)));

function packed(): string[] {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--workspace', 'shared'];
  const answer = execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [{ files }] = JSON.parse(answer) as [{ files: readonly { path: string }[] }];
  return files.map(({ path }) => path).filter((path) => !isLeftOver(path));
}

/** What has no place in the package. */
function strangers(files: readonly string[]): string[] {
  return files.filter((file) => {
    if (['LICENSE', 'README.md', 'package.json'].includes(file)) return false;
    return !/^dist\/.+\.(d\.ts|js)$/.test(file) || !needed.has(sourceOfFile(file));
  });
}

test('what is packed is what the entrances need, compiled and with its types', () => {
  const files = packed();
  expect(strangers(files)).toEqual([]);
  const expected = [...needed].flatMap((path) =>
    ['.js', '.d.ts'].map((ending) => path.replace(/^shared\//, 'dist/').replace(/\.ts$/, ending)),
  );
  expect(expected.filter((file) => !files.includes(file))).toEqual([]);
  for (const file of ['LICENSE', 'README.md', 'package.json']) expect(files).toContain(file);
});

test('a test, a help for tests and a source would be found', () => {
  const wrong = ['dist/engine/fold.test.js', 'dist/testing/workspace/remedies.js', 'engine/fold.ts', 'notes.md'];
  expect(strangers(['dist/engine/fold.js', ...wrong])).toEqual(wrong);
});

const packageOf = (specifier: string) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '';

test('every package that is imported is a dependency, and every dependency is imported', () => {
  const imported = new Set(
    [...imports.values()]
      .flat()
      .filter((one) => !one.startsWith('node:'))
      .map(packageOf),
  );
  // `@commander-js/extra-typings` has it as a peer, and re-exports it.
  imported.add('commander');
  expect([...imported].sort()).toEqual(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).sort());
  expect(Object.keys(manifest.peerDependencies)).toEqual(['fastify', 'kafkajs', 'mongodb', 'zod']);
  expect(Object.keys(manifest.devDependencies)).toEqual(Object.keys(manifest.peerDependencies));
});

const publicEntrances = ['.', './engine', './mongodb', './kafka', './fastify', './testing'];

/** The modules outside of the package that compiled types name, beginning at these files of `dist`. */
function namedByTypes(first: readonly string[]): string[] {
  const named = new Set<string>();
  const reached = new Set(first);
  for (const path of reached) {
    const types = sourceOf(path, readFileSync(join(root, 'shared', path), 'utf8'));
    for (const { file, specifier } of importsOf(types)) {
      if (file) reached.add(file.replace(/(\.d)?\.ts$/, '.d.ts'));
      else named.add(specifier);
    }
    for (const [, specifier = ''] of types.text.matchAll(/^\/\/\/ *<reference types="([^"]+)"/gm)) named.add(specifier);
  }
  return [...named];
}

/** What the installation of the package brings, or asks for. */
const installed = (specifier: string) =>
  specifier.startsWith('node:') || packageOf(specifier) in { ...manifest.dependencies, ...manifest.peerDependencies };

test('the types of a public entrance name only what is installed with the package', () => {
  const types = publicEntrances.map((one) => (manifest.exports[one] as { types: string }).types.replace('./', ''));
  const named = namedByTypes(types);
  for (const peer of Object.keys(manifest.peerDependencies)) expect(named.map(packageOf)).toContain(peer);
  expect(named.filter((one) => !installed(one))).toEqual([]);
  expect(['ajv', '@foldline/contracts', 'jest'].filter(installed)).toEqual([]);
});

test('the README says which entrances are public, and which are not', () => {
  const readme = readFileSync(join(root, 'shared/README.md'), 'utf8');
  const called = (entrance: string) => entrance.replace('.', 'foldline');
  expect([...readme.matchAll(/^\| `(foldline[^`]*)`/gm)].map(([, name]) => name)).toEqual(publicEntrances.map(called));
  const others = Object.keys(manifest.exports).filter(
    (one) => !publicEntrances.includes(one) && one !== './package.json',
  );
  const paragraph = readme.split('\n\n').find((one) => one.startsWith('These imports are public.')) ?? '';
  expect([...paragraph.matchAll(/`(foldline[^`]*)`/g)].map(([, name]) => name)).toEqual(others.map(called).sort());
});

test('an entrance names a file that is there with its types', () => {
  for (const one of Object.values(manifest.exports)) {
    if (typeof one === 'string') expect(existsSync(join(root, 'shared', one))).toBe(true);
    else
      expect([one.types, sources.has(sourceOfFile(one.default))]).toEqual([
        one.default.replace(/\.js$/, '.d.ts'),
        true,
      ]);
  }
});
