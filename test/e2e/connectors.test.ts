// Goal: the shipped connector files, deployed by our own command line to a real worker, carry events and snapshots as `system.md`
// says: bare subjects as keys, clean CloudEvents as values, one partition for a subject, nothing lost over heartbeats and restarts.
// Method: one start of mongod, Kafka and Connect for the whole file; documents are put in by the plain driver, topics read by plain kafkajs.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { CloudEvent } from 'cloudevents';
import {
  applyConnectors,
  connectRest,
  defaultLimits,
  filesThatCarry,
  kafkaTopicAdmin,
  readConnectorFiles,
  readHealth,
  superviseConnectors,
  type TopicAdmin,
} from 'foldline/connect';
import { obeyedIn } from 'foldline/testing/workspace';
import { Kafka, logLevel } from 'kafkajs';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { statesOf } from './support/connect-control.ts';
import { runRemedy } from './support/connect-remedy.ts';
import { type ConnectServers, startConnectServers } from './support/connect-servers.ts';
import { startLimitMs, stopLimitMs } from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';
import { readTopics, type TopicReader } from './topic-reader.ts';

const names = ['catalog-events', 'order-events', 'user-events', 'user-snapshots'];

let connect: ConnectServers;
let connectUrl: string;
let brokers: string;
let client: MongoClient;
let reader: TopicReader;

function eventOf(subject: string, version: number, more: Document = {}): Document {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/user-service',
    type: version === 1 ? 'userCreated_v2' : 'userFirstNameChanged_v1',
    subject,
    version,
    time: new Date('2026-02-03T04:05:06.120Z'),
    data: version === 1 ? { firstName: 'Ann', lastName: 'Lee', email: 'a@b.c' } : { firstName: `Ann ${version}` },
    ...more,
  };
}

const events = (): Collection => client.db('users').collection('UserEvents');
const snapshots = (): Collection<Document & { _id: string }> =>
  client.db('users').collection<Document & { _id: string }>('Users');
const newSubject = () => `user-${randomUUID()}`;

async function connectCli(...args: string[]) {
  const { code, out } = await connect.cli(args);
  return { code, lastLine: out.split('\n').at(-1) };
}

/** Not by fetch, which sends no `Host` but its own. */
async function workerStatus(method: string, path: string, headers: OutgoingHttpHeaders, hostname = '127.0.0.1') {
  const sent = request({ hostname, port: new URL(connectUrl).port, path, method, headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

beforeAll(async () => {
  connect = await startConnectServers();
  ({ connectUrl, brokers } = connect);
  client = await MongoClient.connect(connect.servers.mongodbUri);
}, startLimitMs);

afterAll(async () => {
  await reader?.close();
  await client?.close();
  await connect?.close();
}, stopLimitMs);

const older = newSubject();

test('apply creates topics and connectors and waits until all run; the second time nothing changes', async () => {
  await events().insertOne(eventOf(older, 1));
  expect(await connectCli('plan')).toMatchObject({ code: 3 });
  expect(await connectCli('apply')).toEqual({
    code: 0,
    lastLine: 'created 9, altered 0, deleted 0, failed 0, unchanged 0',
  });
  expect(await connectCli('apply')).toEqual({
    code: 0,
    lastLine: 'created 0, altered 0, deleted 0, failed 0, unchanged 9',
  });
  expect(await connectCli('plan')).toMatchObject({ code: 0 });
  expect(await connectCli('status')).toMatchObject({ code: 0 });
  expect(await connectCli('validate')).toEqual({ code: 0, lastLine: 'valid 4, errors 0, warnings 0' });
  reader = await readTopics(brokers, ['user-events', 'user-snapshots']);
}, 60_000);

test('the worker’s own interface is as docs/operating.md says: on 127.0.0.1 alone, and open to any page of a browser there', async () => {
  const evil = { host: 'evil.example', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  expect(await workerStatus('GET', '/connectors/user-events/config', evil)).toBe(200);
  expect([200, 202, 204]).toContain(await workerStatus('POST', '/connectors/user-events/restart', evil));
  await expect(workerStatus('GET', '/', {}, '127.0.0.2')).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL/);
});

test('an event that was stored before the connector travels too', async () => {
  const { value } = await reader.first('user-events', (record) => record.key === older);
  expect(JSON.parse(value ?? '')).toMatchObject({ subject: older, version: 1, type: 'userCreated_v2' });
}, 30_000);

test('an event travels as a clean CloudEvent under its bare subject, without what is the store’s own', async () => {
  const subject = newSubject();
  const event = eventOf(subject, 1, {
    correlationid: 'c-1',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    tracestate: 'a=b',
    claims: ['email:a@b.c'],
    request: { digest: 'd', lastVersion: 1 },
  });
  await events().insertOne({ ...event });
  const record = await reader.first('user-events', ({ key }) => key === subject);

  expect(record.headers).toEqual({ 'content-type': 'application/cloudevents+json; charset=UTF-8' });
  const value = JSON.parse(record.value ?? '');
  const { claims: _claims, request: _request, ...travelling } = event;
  expect({ ...value, time: new Date(value.time) }).toEqual(travelling);
  expect(new CloudEvent(value).validate()).toBe(true);
}, 30_000);

test('all events of a subject lie in one partition, in the order of their versions', async () => {
  const subjects = Array.from({ length: 12 }, newSubject);
  for (const version of [1, 2, 3]) await events().insertMany(subjects.map((subject) => eventOf(subject, version)));
  const partitions = new Set<number>();
  for (const subject of subjects) {
    await reader.first('user-events', ({ key, value }) => key === subject && JSON.parse(value ?? '').version === 3);
    const records = reader.all('user-events').filter(({ key }) => key === subject);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
    expect(records.map(({ value }) => JSON.parse(value ?? '').version)).toEqual([1, 2, 3]);
    partitions.add(records[0]?.partition ?? -1);
  }
  expect(partitions.size).toBeGreaterThan(1);
}, 30_000);

test('an update of a stored event does not travel', async () => {
  const subject = newSubject();
  await events().insertOne(eventOf(subject, 1, { claims: ['email:x@y.z'] }));
  await events().updateOne({ subject }, { $unset: { claims: '' } });
  await events().insertOne(eventOf(subject, 2));
  await reader.first('user-events', ({ key, value }) => key === subject && JSON.parse(value ?? '').version === 2);
  expect(reader.all('user-events').filter(({ key }) => key === subject)).toHaveLength(2);
}, 30_000);

test('a snapshot travels at each change, keyed by its subject; a deletion, or a lookup that finds nothing, sends no null', async () => {
  const subject = newSubject();
  const gone = newSubject();
  const snapshot = (version: number) => ({
    version,
    state: 'active',
    time: new Date(),
    data: { firstName: 'Ann' },
    lastEventId: randomUUID(),
  });
  await snapshots().insertOne({ _id: subject, ...snapshot(1) });
  await snapshots().updateOne({ _id: subject }, { $set: { version: 2 } });
  const second = await reader.first(
    'user-snapshots',
    ({ key, value }) => key === subject && JSON.parse(value ?? '').version === 2,
  );
  expect(JSON.parse(second.value ?? '')).toMatchObject({
    _id: subject,
    version: 2,
    state: 'active',
    data: { firstName: 'Ann' },
  });
  expect(Number.isNaN(Date.parse(JSON.parse(second.value ?? '').time))).toBe(false);
  expect(second.headers).toEqual({ 'content-type': 'application/json; charset=UTF-8' });

  await fetch(`${connectUrl}/connectors/user-snapshots/pause`, { method: 'PUT' });
  await waitUntil('the pause', 20_000, async () => {
    const states = await statesOf(connectUrl, 'user-snapshots');
    return states === 'PAUSED PAUSED' ? undefined : `it is ${states}`;
  });
  await snapshots().insertOne({ _id: gone, ...snapshot(1) });
  await snapshots().updateOne({ _id: gone }, { $set: { version: 2 } });
  await snapshots().deleteOne({ _id: gone });
  await snapshots().replaceOne({ _id: subject }, snapshot(3));
  await fetch(`${connectUrl}/connectors/user-snapshots/resume`, { method: 'PUT' });
  await reader.first('user-snapshots', ({ key, value }) => key === subject && JSON.parse(value ?? '').version === 3);
  // Another partition than the other subject's, so its record may be fetched later.
  await reader.first('user-snapshots', ({ key }) => key === gone);
  expect(reader.all('user-snapshots').filter(({ value }) => value === null)).toEqual([]);
  // Delivered at least once: the insert, never the update whose document is gone.
  const sent = reader.all('user-snapshots').filter(({ key }) => key === gone);
  expect(new Set(sent.map(({ value }) => JSON.parse(value ?? '').version))).toEqual(new Set([1]));
}, 60_000);

test('heartbeats go to their own topic and do not end the tasks', async () => {
  const startedMs = Date.now();
  // Something must move in the database for a quiet stream to get a new token.
  await client.db('users').collection('Elsewhere').insertOne({ at: new Date() });
  const heartbeats = await readTopics(brokers, ['foldline-heartbeats']);
  try {
    await heartbeats.first('foldline-heartbeats', ({ timestampMs }) => timestampMs > startedMs);
  } finally {
    await heartbeats.close();
  }
  const subject = newSubject();
  await events().insertOne(eventOf(subject, 1));
  await reader.first('user-events', ({ key }) => key === subject);
  const health = await readHealth(connectRest({ url: connectUrl, limits: defaultLimits }), names);
  expect(health.filter((one) => !one.running)).toEqual([]);
}, 40_000);

test('apply survives the worker being killed in the middle, and the connectors go on where they were', async () => {
  const before = newSubject();
  await events().insertOne(eventOf(before, 1));
  await reader.first('user-events', ({ key }) => key === before);
  expect((await connectCli('delete', ...names, '--yes')).code).toBe(0);
  const meanwhile = newSubject();
  await events().insertOne(eventOf(meanwhile, 1));

  let restarted: Promise<void> | undefined;
  const result = await applyConnectors({
    connectUrl,
    brokers,
    secretsDir: connect.servers.folders.secrets,
    onStep: (step) => {
      if (step === 'creating connector order-events') restarted ??= connect.restartWorker();
    },
  });
  await restarted;
  expect(result.counts).toMatchObject({ failed: 0, unchanged: 5 });
  expect(result.health.map(({ name, running }) => [name, running])).toEqual(names.map((name) => [name, true]));
  await reader.first('user-events', ({ key }) => key === meanwhile);
  // Copied once, by the first connector: the second found the offsets of the first.
  expect(reader.all('user-events').filter(({ key }) => key === older)).toHaveLength(1);
}, 90_000);

test(String.raw`troubleshooting: A name is printed with \u202e or \u001b in it`, async () => {
  // Kafka Connect refuses control characters in a name, and takes those that turn the direction.
  const name = 'old\u202e-events';
  const config = (await connectRest({ url: connectUrl, limits: defaultLimits }).configs()).get('user-events');
  const made = await fetch(`${connectUrl}/connectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, config: { ...config, name }, initial_state: 'STOPPED' }),
  });
  expect(made.status).toBe(201);
  await waitUntil('the connector', 10_000, async () => {
    const state = await statesOf(connectUrl, encodeURIComponent(name));
    return state === 'STOPPED' ? undefined : `it is ${state}`;
  });

  const { out } = await connect.cli(['plan']);
  expect(obeyedIn(out)).toEqual([]);
  expect(out).toContain('? connector old\\u202e-events has no file');
  const { strays } = JSON.parse((await connect.cli(['plan', '-o', 'json'])).out);
  expect(strays).toEqual([name]);
  const deleted = await connect.cli(['delete', ...strays, '--yes']);
  expect([deleted.code, obeyedIn(deleted.out + deleted.err)]).toEqual([0, []]);
}, 60_000);

const secretsDir = () => connect.servers.folders.secrets;

async function withAdmin<T>(work: (admin: TopicAdmin) => Promise<T>): Promise<T> {
  const admin = await kafkaTopicAdmin({ brokers: [brokers], security: {} }, defaultLimits);
  return work(admin).finally(() => admin.close());
}

/** As an accident does; the topic is gone when it returns. */
async function deleteTopic(topic: string): Promise<void> {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await waitUntil(`${topic} to be gone`, 20_000, async () =>
    (await admin.listTopics()).includes(topic) ? 'it is there' : undefined,
  );
  await admin.disconnect();
}

/** An event is in its topic within tens of milliseconds. */
const stuckAfterMs = 3_000;

const recordsIn = (topic: string) => withAdmin(async (admin) => (await admin.lengths([topic])).get(topic) ?? 0);
const storedSnapshots = () => snapshots().countDocuments({ state: { $in: ['active', 'deleted'] } });

async function holdsAll(topic: string, documents: number, withinMs = 30_000): Promise<void> {
  await waitUntil(`${documents} records in ${topic}`, withinMs, async () => {
    const records = await recordsIn(topic);
    return records >= documents ? undefined : `there are ${records}`;
  });
}

async function findings(): Promise<string[]> {
  const { out } = await connect.cli(['doctor', '-o', 'json']);
  return (JSON.parse(out) as { findings: { code: string }[] }).findings.map(({ code }) => code);
}

test('troubleshooting: Connectors are RUNNING and no event arrives', async () => {
  await reader.close();
  await deleteTopic('foldline-heartbeats');
  // The symptom begins with the next heartbeat.
  await waitUntil('an event that does not arrive', 60_000, async () => {
    const before = await recordsIn('user-events');
    await events().insertOne(eventOf(newSubject(), 1));
    const arrives = holdsAll('user-events', before + 1, stuckAfterMs);
    return arrives.then(
      () => 'it arrived',
      () => undefined,
    );
  });
  const before = await recordsIn('user-events');
  expect((await connect.cli(['status'])).code).toBe(0);
  expect(await findings()).toContain('support-topic-missing');
  const [applied] = await runRemedy(connect, 'Connectors are RUNNING and no event arrives');
  expect([applied?.code, applied?.out]).toEqual([0, expect.stringContaining('restarted connector user-events')]);
  await holdsAll('user-events', before + 1);
  expect(await findings()).toEqual([]);
}, 120_000);

test('troubleshooting: A topic was deleted, and apply says that its connector has a position', async () => {
  await connect.cli(['stop', 'user-snapshots']);
  await deleteTopic('user-snapshots');
  for (const verb of ['plan', 'apply']) {
    const { code, out } = await connect.cli([verb]);
    expect([code, out]).toEqual([1, expect.stringContaining('npm run connect -- refill user-snapshots')]);
  }
  const documents = await storedSnapshots();
  const heading = 'A topic was deleted, and apply says that its connector has a position';
  const [refilled, applied] = await runRemedy(connect, heading);
  expect([refilled?.code, refilled?.out]).toEqual([0, expect.stringContaining(`for ${documents} documents`)]);
  expect(await recordsIn('user-snapshots')).toBeGreaterThanOrEqual(documents);
  expect(applied?.out).toContain('created 0, altered 0, deleted 0, failed 0, unchanged 9');
}, 60_000);

test('hazard: connector and topic are deleted. Applied again, the connector does not go on from its old position', async () => {
  await connect.cli(['delete', 'user-snapshots', '--yes']);
  await deleteTopic('user-snapshots');
  expect((await connect.cli(['apply', '--yes'])).code).toBe(0);
  await holdsAll('user-snapshots', await storedSnapshots());
  expect(await findings()).toEqual([]);
}, 60_000);

test('hazard: a topic is made anew behind our back, and its connector goes on: doctor finds what is missing', async () => {
  await connect.cli(['stop', 'user-snapshots']);
  await deleteTopic('user-snapshots');
  await withAdmin((admin) =>
    admin.create({
      name: 'user-snapshots',
      partitions: 6,
      config: { 'cleanup.policy': 'compact', 'max.message.bytes': '2097152' },
    }),
  );
  await connect.cli(['resume', 'user-snapshots']);
  await snapshots().insertOne({
    _id: newSubject(),
    version: 1,
    state: 'active',
    time: new Date(),
    lastEventId: randomUUID(),
  });
  await holdsAll('user-snapshots', 1);
  expect(await findings()).toEqual(['topic-shorter']);
  expect((await connect.cli(['refill', 'user-snapshots', '--yes'])).code).toBe(0);
  expect(await findings()).toEqual([]);
}, 60_000);

test('under supervision a topic that is deleted is made again, and holds everything again', async () => {
  const files = filesThatCarry(await readConnectorFiles([], { secretsDir: secretsDir() }));
  const made: string[] = [];
  const supervision = superviseConnectors({
    connectUrl,
    names,
    intervalMs: 200,
    topics: { files, openTopics: () => kafkaTopicAdmin({ brokers: [brokers], security: {} }, defaultLimits) },
    onEvent: (event) => {
      if (event.type === 'topic-made') made.push(event.topic);
    },
  });
  try {
    for (const topic of ['foldline-heartbeats', 'user-snapshots']) {
      await deleteTopic(topic);
      await waitUntil(`${topic} to be made`, 60_000, async () =>
        made.includes(topic) ? undefined : `made: ${made.join()}`,
      );
    }
    await holdsAll('user-snapshots', await storedSnapshots());
  } finally {
    await supervision.close();
  }
}, 120_000);
