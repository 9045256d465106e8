// Goal: dependencies point inwards (contracts ← domain → engine; adapters → engine), services never import each other, and no
// file imports itself in a circle, not of types either. Method: every import of every source file is held against the table below.
import { circlesIn, type Import, importsOf } from './rules/imports.ts';
import { allSources, isDomain, servesTests, sourceOf } from './rules/sources.ts';

interface Layer {
  readonly name: string;
  /** Which files belong to it; the first layer that matches counts. */
  readonly files: RegExp;
  /** What they may import besides files of the same layer: paths from the root, or names of packages. */
  readonly may: RegExp;
}

const layers: readonly Layer[] = [
  { name: 'the engine', files: /^shared\/engine\//, may: /^node:crypto$/ },
  { name: 'what runs around the engine', files: /^shared\/running\//, may: /^shared\/engine\/index\.ts$/ },
  {
    name: 'the operations',
    files: /^shared\/operations\//,
    may: /^(shared\/http\/(cursor|fields)\.ts|shared\/(engine|http|running)\/index\.ts|node:crypto|prom-client|zod)$/,
  },
  {
    name: 'what contracts are made of',
    files: /^shared\/contracts\//,
    may: /^(shared\/(engine\/index|operations\/ports)\.ts|zod)$/,
  },
  {
    name: 'the contracts of this system',
    files: /^contracts\//,
    may: /^(foldline\/(contracts|engine|operations)|zod)$/,
  },
  {
    name: 'the in-memory adapters',
    files: /^shared\/adapters\/in-memory\//,
    may: /^shared\/(engine\/index|operations\/ports)\.ts$/,
  },
  {
    name: 'the MongoDB adapters',
    files: /^shared\/adapters\/mongodb\//,
    may: /^(shared\/((engine|running)\/index|operations\/ports)\.ts|mongodb)$/,
  },
  {
    name: 'the Kafka adapters',
    files: /^shared\/adapters\/kafka\//,
    may: /^(shared\/((engine|running)\/index|operations\/ports)\.ts|kafkajs(\/src\/protocol\/requests\/fetch\/index\.js)?|snappy|lz4-napi|fzstd|@node-rs\/crc32|node:(buffer|crypto|util|zlib))$/,
  },
  {
    name: 'configuration',
    files: /^shared\/config\//,
    may: /^(shared\/(engine|terminal)\/index\.ts|zod|uuid|node:(crypto|fs|net|os|path))$/,
  },
  { name: 'the JSON reader', files: /^shared\/json\//, may: /^jsonc-parser$/ },
  {
    name: 'the terminal',
    files: /^shared\/terminal\//,
    may: /^(node:.+|picocolors(\/.+)?|@commander-js\/extra-typings)$/,
  },
  { name: 'metrics', files: /^shared\/metrics\//, may: /^(shared\/engine\/index\.ts|prom-client)$/ },
  {
    name: 'the HTTP edge',
    files: /^shared\/http\//,
    may: /^(shared\/(config|engine|json|terminal)\/index\.ts|node:.+|fast-content-type-parse|fastify|@fastify\/.+|fastify-type-provider-zod|zod|pino|prom-client|uuid|close-with-grace)$/,
  },
  {
    name: 'the admin command line',
    files: /^shared\/admin\//,
    may: /^(shared\/(config|engine|terminal)\/index\.ts|shared\/terminal\/command-line\.ts|shared\/operations\/[a-z]+\/[a-z]+-answers\.ts|node:.+|zod|@commander-js\/extra-typings|picocolors(\/.+)?)$/,
  },
  {
    name: 'the connect command line',
    files: /^shared\/connect\//,
    may: /^(shared\/(config|engine|json|running|terminal|adapters\/kafka)\/index\.ts|shared\/terminal\/command-line\.ts|node:.+|zod|kafkajs|mongodb|@commander-js\/extra-typings|picocolors(\/.+)?)$/,
  },
  {
    name: 'the executable',
    files: /^shared\/bin\//,
    may: /^(shared\/((admin|connect|terminal)\/index)\.ts|node:(fs|fs\/promises|module|path|url)|zod)$/,
  },
  {
    name: 'the system',
    files: /^system\//,
    may: /^(foldline\/(config|connect|engine|kafka|running|terminal)|@foldline\/(user|shopping)-service\/service|node:.+|zod|mongodb|kafkajs|commander|@commander-js\/extra-typings)$/,
  },
  {
    name: 'the service kit',
    files: /^shared\/kit\//,
    may: /^(shared\/(adapters\/(kafka|mongodb)|config|contracts|engine|http|metrics|operations|running|terminal)\/index\.ts|fastify|fastify-type-provider-zod|mongodb|prom-client|zod)$/,
  },
  {
    name: 'the first entrance',
    files: /^shared\/index\.ts$/,
    may: /^shared\/(config|contracts|engine|http|kit|metrics|operations|running)\/index\.ts$/,
  },
  {
    name: 'the examples',
    files: /^examples\//,
    may: /^(@foldline\/system|foldline(\/(config|contracts|engine|fastify|mongodb|operations|running|terminal))?|@commander-js\/extra-typings|node:.+|uuid|zod)$/,
  },
  {
    name: 'what user-service brings to the admin command line',
    files: /^user-service\/operator\//,
    may: /^(user-service\/src\/.+|@foldline\/contracts|foldline\/(admin|config|contracts|engine|fastify|mongodb|running)|jsonc-parser|mongodb|zod|node:(crypto|fs(\/promises)?|path|stream|v8|zlib))$/,
  },
  {
    name: 'user-service',
    files: /^user-service\/src\//,
    may: /^(@foldline\/contracts|foldline(\/(contracts|engine|fastify|mongodb))?|mongodb|zod)$/,
  },
  {
    name: 'shopping-service',
    files: /^shopping-service\//,
    may: /^(@foldline\/contracts|foldline(\/(contracts|engine|fastify|mongodb))?|mongodb|zod)$/,
  },
];

const sources = allSources();
const product = sources.filter(({ path }) => !servesTests(path) && !path.startsWith('bench/'));
const imports = product.flatMap(importsOf);

function faultsOf(layer: Layer, found: readonly Import[]): string[] {
  return found
    .filter(({ file, specifier }) => !layer.files.test(file ?? '') && !layer.may.test(file ?? specifier))
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}

describe.each(layers)('$name', (layer) => {
  const own = imports.filter(({ from }) => layer.files.test(from));

  test('imports only what it may', () => {
    expect(own.length).toBeGreaterThan(0);
    expect(faultsOf(layer, own)).toEqual([]);
  });

  test('would be caught importing anything else', () => {
    const file = own[0]?.from ?? '';
    const strange = sourceOf(file, "import x from 'left-pad'; export * from '@foldline/test'; await import('moment');");
    expect(faultsOf(layer, importsOf(strange))).toHaveLength(3);
  });
});

test('every source file belongs to a layer', () => {
  const homeless = product.filter(({ path }) => !layers.some(({ files }) => files.test(path)));
  expect(homeless.map(({ path }) => path)).toEqual([]);
});

test('folds and deciders know contracts and the engine, no driver and no HTTP', () => {
  const domain = product.filter(isDomain);
  const faults = domain
    .flatMap(importsOf)
    .filter(({ file, specifier }) => !file && !/^(@foldline\/contracts|foldline\/(contracts|engine))$/.test(specifier));
  expect(domain.length).toBeGreaterThanOrEqual(5);
  expect(faults).toEqual([]);
});

test('the services name the MongoDB driver in types only', () => {
  const driver = imports.filter(({ from, specifier }) => /^(user|shopping)-/.test(from) && specifier === 'mongodb');
  expect(driver.filter(({ typeOnly }) => !typeOnly)).toEqual([]);
});

test('service.ts alone knows all parts: in product code only server.ts imports it, and nothing imports server.ts', () => {
  const faults = imports.filter(
    ({ from, file }) =>
      /-service\/src\/server\.ts$/.test(file ?? '') ||
      (/-service\/src\/service\.ts$/.test(file ?? '') && !from.endsWith('/server.ts')),
  );
  expect(faults).toEqual([]);
});

test('a relative import stays in its workspace and ends in .ts', () => {
  const workspaceOf = (path: string) => path.split('/')[0];
  const faults = sources
    .flatMap(importsOf)
    .filter(({ from, file }) => file && (workspaceOf(file) !== workspaceOf(from) || !/\.ts$/.test(file)));
  expect(faults).toEqual([]);
});

test('the pure engine has at most 3,000 lines', () => {
  const lines = product
    .filter(({ path }) => path.startsWith('shared/engine/'))
    .reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
  expect(lines).toBeGreaterThan(1000);
  expect(lines).toBeLessThanOrEqual(3000);
});

test('what the adapters take of the operations brings no HTTP, no series and no other package', () => {
  const reached = new Set(['shared/operations/ports.ts']);
  for (const path of reached)
    for (const { file } of imports.filter(({ from, typeOnly }) => from === path && !typeOnly))
      if (file) reached.add(file);
  expect(reached.size).toBeGreaterThan(5);
  const faults = imports.filter(({ from, file, specifier, typeOnly }) => {
    const isCore = /^shared\/(engine|operations|running)\//.test(file ?? '') || specifier === 'node:crypto';
    return reached.has(from) && !typeOnly && !isCore;
  });
  expect(faults).toEqual([]);
});

test('no file imports itself in a circle, not of types either', () => {
  expect(circlesIn(sources.flatMap(importsOf))).toEqual([]);
});

test('a circle is found, and an import of types is told from one of values', () => {
  const a = sourceOf('shared/a.ts', "import { b } from './b.ts'; import type { T } from './c.ts';");
  const b = sourceOf('shared/b.ts', "export * from './c.ts'; import { type U, type V } from './a.ts';");
  const c = sourceOf('shared/c.ts', "export const load = () => import('./a.ts');");
  const found = [a, b, c].flatMap(importsOf);
  expect(found.map(({ typeOnly }) => typeOnly)).toEqual([false, true, false, true, false]);
  expect(circlesIn(found.filter(({ typeOnly }) => !typeOnly))).toEqual([
    ['shared/a.ts', 'shared/b.ts', 'shared/c.ts', 'shared/a.ts'],
  ]);
  expect(circlesIn(found.filter(({ from }) => from !== 'shared/c.ts'))).toEqual([
    ['shared/a.ts', 'shared/b.ts', 'shared/a.ts'],
  ]);
});
