// Goal: every client of Kafka here logs in and speaks TLS as its settings say, and says what to do where that does not work; the
// password is in nothing that is said. Method: a real broker with a listener that wants both, one that wants a login, one that wants neither; a topic is
// written and followed through the kit, with each mechanism; then each setting is wrong once, for a consumer, for `doctor` and for
// `npm start`; at last shopping-service itself starts with a wrong password.

import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, type Servers, startServers, systemSettings } from '@foldline/system';
import { baseSettings, followingSettings, followTopics } from 'foldline';
import { kafkaSecurity, readSettings } from 'foldline/config';
import { type Code, runCli } from 'foldline/connect';
import { connectorShape, connectorText } from 'foldline/connect/testing';
import { inMemoryOwnOffsets, silentLogger } from 'foldline/testing';
import { keptOutput } from 'foldline/testing/workspace';
import { Kafka, logLevel } from 'kafkajs';
import { password, type SecuredKafka, startSecuredKafka, user } from './support/secured-kafka.ts';
import { startServiceProcess } from './support/service-process.ts';
import { startLimitMs, stopLimitMs } from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';

type Env = Readonly<Record<string, string>>;

const topic = 'user-events';
let dataDir: string;
let connectors: string;
let servers: Servers;
let kafka: SecuredKafka;
/** The settings that are right. */
let right: Env;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'foldline-e2e-login-'));
  const { cacheDir, systemBinary } = systemSettings();
  servers = await startServers({ dataDir, cacheDir, systemBinary, kafka: false });
  kafka = await startSecuredKafka(servers.folders);
  right = {
    MONGODB_URI: servers.mongodbUri,
    KAFKA_BROKERS: kafka.secured,
    KAFKA_TLS: 'true',
    KAFKA_TLS_CA_FILE: kafka.caFile,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: user,
    KAFKA_SASL_PASSWORD: password,
  };
  connectors = join(dataDir, 'user-events.json');
  await writeFile(connectors, connectorText(connectorShape(topic)));
}, startLimitMs);

afterAll(async () => {
  await kafka?.close();
  await servers?.close();
  await rm(dataDir, { recursive: true, force: true });
}, stopLimitMs);

const without = (env: Env, pattern: RegExp): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !pattern.test(name)));

const configOf = (env: Env) => readSettings({ ...baseSettings, ...followingSettings }, env);

/** A consumer as every service has it. */
async function follow(env: Env) {
  const subjects: string[] = [];
  const feed = await followTopics(
    { config: configOf(env), logger: silentLogger, crashPoint: () => undefined },
    {
      name: `follower-${randomUUID()}`,
      topics: [topic],
      own: inMemoryOwnOffsets(),
      handle: async (items) => {
        subjects.push(...items.flatMap((item) => ('event' in item ? item.event.subject : [])));
      },
    },
  );
  return { ...feed, subjects };
}

async function doctor(env: Env): Promise<{ codes: Code[]; text: string }> {
  const { output, said } = keptOutput();
  await runCli(['doctor', connectors, '-o', 'json'], {
    env: { ...env, CONNECT_URL: `http://127.0.0.1:${await freePort()}` },
    ...output,
    confirm: undefined,
  });
  const { out, err } = said();
  const { findings } = JSON.parse(out) as { findings: { code: Code }[] };
  return { codes: findings.map(({ code }) => code), text: out + err };
}

/** With its login: the topic if it is missing, and one event. */
async function publish(env: Env): Promise<string> {
  const config = configOf(env);
  const { KAFKA_BROKERS: brokers = [] } = config;
  const client = new Kafka({ brokers, logLevel: logLevel.NOTHING, ...kafkaSecurity(config, brokers) });
  const [admin, producer] = [client.admin(), client.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    source: '/script',
    type: 'userDeleted_v1',
    version: 1,
    subject: `user-${randomUUID()}`,
    time: new Date(),
    data: {},
  };
  await producer.send({ topic, messages: [{ key: event.subject, value: JSON.stringify(event) }] });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  return event.subject;
}

test('what was written with a login is followed with one, and doctor finds nothing, by each mechanism', async () => {
  const clear = { ...without(right, /TLS/), KAFKA_BROKERS: kafka.clear };
  const envs: Env[] = [
    ...['plain', 'scram-sha-256', 'scram-sha-512'].map((name) => ({ ...right, KAFKA_SASL_MECHANISM: name })),
    ...['plain', 'scram-sha-512'].map((name) => ({ ...clear, KAFKA_SASL_MECHANISM: name })),
  ];
  const subjects: string[] = [];
  for (const env of envs) subjects.push(await publish(env));
  const followers = await Promise.all(
    envs.map(async (env) => {
      const follower = await follow(env);
      await waitUntil(`all events, by ${env.KAFKA_SASL_MECHANISM} at ${env.KAFKA_BROKERS}`, 30_000, async () =>
        subjects.every((subject) => follower.subjects.includes(subject)) ? undefined : `trouble: ${follower.trouble()}`,
      );
      const { codes } = await doctor(env);
      expect(codes.filter((code) => /^(broker|topic-missing)/.test(code))).toEqual([]);
      return follower;
    }),
  );
  const ending = followers.map((follower) => follower.close());
  // Else each waits for the end of its fetch, which waits for news.
  await publish(right);
  await Promise.all(ending);
}, 90_000);

interface Wrong {
  readonly name: string;
  readonly env: (right: Env) => Env;
  readonly code: Code;
  readonly says: RegExp;
}

const wrongs: readonly Wrong[] = [
  {
    name: 'a wrong password, by SCRAM',
    env: (env) => ({ ...env, KAFKA_SASL_PASSWORD: `${password}!` }),
    code: 'broker-login',
    says: /refuses the login \(SASL SCRAM SHA512 .*invalid credentials/,
  },
  {
    name: 'a wrong password, by PLAIN',
    env: (env) => ({ ...env, KAFKA_SASL_PASSWORD: `${password}!`, KAFKA_SASL_MECHANISM: 'plain' }),
    code: 'broker-login',
    says: /refuses the login \(SASL PLAIN .*Invalid username or password/,
  },
  {
    name: 'no login where one is wanted',
    env: (env) => without(env, /SASL/),
    code: 'broker-login',
    says: /no login is set: this listener may want one/,
  },
  {
    name: 'a login where none is taken',
    env: (env) => ({ ...without(env, /TLS/), KAFKA_BROKERS: kafka.open }),
    code: 'broker-login',
    says: /takes no login on this listener/,
  },
  {
    name: 'no TLS where it is wanted',
    env: (env) => without(env, /TLS/),
    code: 'broker-tls',
    says: /KAFKA_TLS is not true: this listener may want it/,
  },
  {
    name: 'TLS where there is none',
    env: (env) => ({ ...env, KAFKA_BROKERS: kafka.open }),
    code: 'broker-tls',
    says: /before TLS begins: this listener may not speak it/,
  },
  {
    name: 'an authority that is not named',
    env: (env) => without(env, /CA_FILE/),
    code: 'broker-tls',
    says: /does not pass TLS \(.*self-signed certificate/,
  },
  {
    name: 'a broker that is not whom its certificate names',
    env: (env) => ({ ...env, KAFKA_BROKERS: kafka.secured.replace('127.0.0.1', 'localhost') }),
    code: 'broker-tls',
    says: /does not pass TLS \(.*localhost/,
  },
];

describe('what is wrong is told by a consumer and by doctor', () => {
  let told: ReadonlyMap<
    string,
    { readonly consumer: string; readonly codes: readonly Code[]; readonly doctor: string }
  >;

  // All at once: each waits for its tries to end.
  beforeAll(async () => {
    const tries = wrongs.map(async ({ name, env: spoiled }) => {
      const env = spoiled(right);
      const [found, follower] = await Promise.all([doctor(env), follow(env)]);
      await waitUntil(`the trouble: ${name}`, 30_000, async () => (follower.trouble() ? undefined : 'none'));
      const consumer = follower.trouble() ?? '';
      await follower.close();
      return [name, { consumer, codes: found.codes, doctor: found.text }] as const;
    });
    told = new Map(await Promise.all(tries));
  }, 90_000);

  test.each(wrongs)('$name', ({ name, code, says }) => {
    const { consumer = '', codes = [], doctor: found = '' } = told.get(name) ?? {};
    expect(consumer).toMatch(says);
    expect(consumer).toMatch(code === 'broker-login' ? /: correct KAFKA_SASL/ : /: set KAFKA_TLS/);
    expect(codes.filter((one) => one.startsWith('broker'))).toEqual([code]);
    expect(found).toMatch(says);
    expect(`${consumer}${found}`).not.toContain(password);
  });
});

test('npm start takes brokers with a login together with a worker that is given, and says what is wrong with them', async () => {
  const { cacheDir } = systemSettings();
  const start = (env: Env) => {
    const settings = systemSettings({ ...env, XDG_CACHE_HOME: resolve(cacheDir, '..') });
    return startServers({ ...settings, dataDir: join(dataDir, 'start'), kafka: true });
  };
  await expect(start(right)).rejects.toThrow(/name a worker that has them in CONNECT_URL/);
  const worker = { CONNECT_URL: `http://127.0.0.1:${await freePort()}` };
  await expect(start({ ...right, ...worker })).rejects.toThrow(/^CONNECT_URL .* cannot be used/);
  const wrong = { ...right, ...worker, KAFKA_SASL_PASSWORD: `${password}!` };
  await expect(start(wrong)).rejects.toThrow(/^KAFKA_BROKERS .* cannot be used: the broker refuses the login/);
}, 60_000);

test('shopping-service with a wrong password runs and says so in its readiness; the password is nowhere', async () => {
  const shop = await startServiceProcess(
    { ...servers, brokers: kafka.secured },
    {
      name: 'shop-with-a-wrong-password',
      portVariable: 'SHOPPING_SERVICE_PORT',
      script: resolve('shopping-service', 'dist', 'src', 'server.js'),
      env: { ...right, KAFKA_SASL_PASSWORD: `${password}!`, LOG_LEVEL: 'trace' },
    },
  );
  await shop.whenReady();
  const readiness = async () => (await fetch(`${shop.url}/readyz?verbose`)).text();
  await waitUntil('the refused login in readiness', 30_000, async () => {
    const text = await readiness();
    return /last error: the broker refuses the login/.test(text) ? undefined : text;
  });
  const said = [await readiness(), await (await fetch(`${shop.url}/metrics`)).text()];
  await shop.process.close();
  said.push(await readFile(shop.process.logFile, 'utf8'));
  expect(said[2]).toContain('refuses the login');
  expect(said.filter((text) => text.includes(password))).toEqual([]);
}, 60_000);
