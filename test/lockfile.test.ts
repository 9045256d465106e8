// Goal: an installation takes exactly the packages that were reviewed. Method: the lockfile names no other place than npm's registry, every
// package has a digest, packages that run code at their installation are listed here by hand, and versions are exact.
import { readFileSync } from 'node:fs';

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

type Packages = Readonly<Record<string, Locked>>;

/** `.npmrc` keeps their scripts from running (`ignore-scripts`); a new one is to be looked at before it is added. */
const withInstallScript = ['@parcel/watcher', '@scarf/scarf', '@swc/core', 'mongodb-memory-server'];

function faultsOf(packages: Packages): string[] {
  return Object.entries(packages).flatMap(([path, { resolved, integrity, link, hasInstallScript }]) => {
    const name = path.split('node_modules/').at(-1) ?? '';
    if (!path.includes('node_modules/') || link) return [];
    return [
      ...(resolved === undefined || resolved.startsWith('https://registry.npmjs.org/')
        ? []
        : [`${path} comes from ${resolved}`]),
      ...(integrity?.startsWith('sha512-') ? [] : [`${path} has no digest`]),
      ...(hasInstallScript && !withInstallScript.includes(name) ? [`${path} runs a script when it is installed`] : []),
    ];
  });
}

test('the lockfile holds', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Packages };
  expect(Object.keys(packages).length).toBeGreaterThan(100);
  expect(faultsOf(packages)).toEqual([]);
});

test.each<[string, Locked, string]>([
  [
    'another registry',
    { resolved: 'https://example.org/x.tgz', integrity: 'sha512-x' },
    'comes from https://example.org/x.tgz',
  ],
  ['a repository', { resolved: 'git+ssh://git@github.com/x/y.git', integrity: 'sha512-x' }, 'comes from git+ssh'],
  ['a weak digest', { integrity: 'sha1-x' }, 'has no digest'],
  ['a script', { integrity: 'sha512-x', hasInstallScript: true }, 'runs a script'],
])('would be caught: %s', (_, locked, fault) => {
  expect(faultsOf({ 'node_modules/x': locked })).toEqual([expect.stringContaining(fault)]);
});
