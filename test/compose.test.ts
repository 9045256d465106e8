// Goal: docker-compose.yml runs what `npm start` runs, in pinned images, and opens nothing to other machines. Method: the file and its
// Dockerfiles are read as text and compared with the system's own settings and the services' tables; no engine is needed, and that
// Compose's own parser loads the file is a part of `npm test`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaSettings, workerSettings } from '@foldline/system';
import { parse } from 'yaml';
import { composeVariables } from './rules/configuration-page.ts';
import { settingsTables } from './rules/settings-tables.ts';

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile?: string; readonly target?: string };
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly healthcheck?: object;
  readonly mem_limit?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const root = join(__dirname, '..');
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const { services } = parse(textOf('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const service = (name: string) => services[name] as Service;
const dockerfiles = ['Dockerfile', 'system/image/Dockerfile'] as const;
const linesOf = (path: string, instruction: string) =>
  textOf(path)
    .split('\n')
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.split(/\s+/).slice(1));

const pinned = /^[\w./-]+:v?\d+\.\d+\.\d+(-[\w.-]+)?$/;

test.each(Object.entries(services))('%s: a pinned image, a bound on memory, no port for other machines', (_, one) => {
  expect(one.image).toMatch(pinned);
  expect(one.mem_limit).toMatch(/^\d+[mg]$/);
  for (const port of one.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:\d+$/);
});

test('every image that is built on is pinned, and what is copied into it is there', () => {
  for (const file of dockerfiles) {
    const context = file === 'Dockerfile' ? '' : 'system';
    const stages = new Set(linesOf(file, 'FROM').flatMap(([, , stage]) => stage ?? []));
    for (const [image = ''] of linesOf(file, 'FROM')) if (!stages.has(image)) expect(image).toMatch(pinned);
    for (const [first = '', ...others] of linesOf(file, 'COPY')) {
      if (first.startsWith('--from=')) expect(stages).toContain(first.slice('--from='.length));
      else
        for (const path of [first, ...others].slice(0, -1))
          expect([path, existsSync(join(root, context, path))]).toEqual([path, true]);
    }
  }
});

test('whatever is waited for until it is healthy has a check', () => {
  const waited = Object.values(services).flatMap(({ depends_on = {} }) =>
    Object.entries(depends_on).flatMap(([name, { condition }]) => (condition === 'service_healthy' ? [name] : [])),
  );
  expect(waited).toContain('connect');
  for (const name of waited) expect(service(name).healthcheck).toBeDefined();
});

test.each(['user-service', 'shopping-service'])('%s knows every variable that it is given', (name) => {
  const table = settingsTables().find((one) => one.service === name)?.table ?? {};
  const given = Object.keys(service(name).environment ?? {});
  expect(given).toContain('MONGODB_URI');
  for (const variable of given) expect(Object.keys(table)).toContain(variable);
});

test('hazard: the shop has no token that may write users or administer, and knows no other than its own and the operator', () => {
  const tokensOf = (name: string) =>
    String(service(name).environment?.API_TOKENS).replaceAll(/\$\{(\w+):[^}]*\}/g, '$1');
  expect(tokensOf('user-service')).toBe('shopping-service=SHOP_TOKEN:verification,operator=OPERATOR_TOKEN:admin');
  expect(tokensOf('shopping-service')).toBe('operator=OPERATOR_TOKEN:admin');
  expect(service('shopping-service').environment?.USER_SERVICE_TOKEN).toMatch(/^\$\{SHOP_TOKEN:/);
});

test('every variable that the file reads is in the reference, with its default', () => {
  const read = [...textOf('docker-compose.yml').matchAll(/\$\{([A-Z_]+)(:-([^}]*)|:\?[^}]*)\}/g)];
  const rows = read.map(
    ([, name, , fallback]) => `${name} ${fallback === undefined ? 'none; must be set' : `\`${fallback}\``}`,
  );
  expect([...new Set(rows)].sort()).toEqual(composeVariables.map(([name, fallback]) => `${name} ${fallback}`).sort());
});

test('the broker is set as that of npm start is', () => {
  const given = Object.fromEntries(
    Object.entries(service('kafka').environment ?? {})
      .filter(([name]) => name.startsWith('KAFKA_'))
      .map(([name, value]) => [name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.'), String(value)]),
  );
  const addresses = /listener|voters|log\.dirs/;
  const smaller = [
    'offsets.topic.num.partitions',
    'transaction.state.log.num.partitions',
    'log.cleaner.dedupe.buffer.size',
  ];
  const own = Object.entries(kafkaSettings({ dataDir: '', port: 1, controllerPort: 2 })).filter(
    ([name]) => !addresses.test(name) && !smaller.includes(name),
  );
  expect(own.length).toBeGreaterThan(10);
  for (const [name, value] of own) expect([name, given[name]]).toEqual([name, String(value)]);
});

test('the worker is set as that of npm start is, but for its addresses', () => {
  const given = Object.fromEntries(
    textOf('system/image/connect-distributed.properties')
      .split('\n')
      .filter((line) => /^[a-z]/.test(line))
      .map((line) => line.split(/=(.*)/).slice(0, 2)),
  );
  const jars = { workerDir: '', pluginsDir: '/opt/foldline/plugins' };
  const secretsDir = '/run/secrets/foldline';
  const own = workerSettings({ brokers: 'kafka:9092', port: 8083, jars, secretsDir });
  const others = {
    listeners: 'http://0.0.0.0:8083',
    'rest.advertised.host.name': 'connect',
    'plugin.discovery': 'hybrid_warn',
  };
  const expected = Object.entries({ ...own, ...others }).map(([name, value]) => [name, String(value)]);
  expect(given).toEqual(Object.fromEntries(expected));
});

test('broker and worker are of the version that everything else is tested with', () => {
  const version = /<kafka\.version>(.*)<\/kafka\.version>/.exec(textOf('system/kafka/pom.xml'))?.[1];
  expect(service('kafka').image).toBe(`apache/kafka:${version}`);
  expect(linesOf('system/image/Dockerfile', 'FROM').at(-1)).toEqual([`apache/kafka:${version}`]);
});
