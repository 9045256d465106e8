// Goal: groups and channels, whose services do not know each other, are joined by their conversations: each whole one exactly
// once, whatever the order, however often events come, and whenever the third service dies; what stays alone is given up.
// Method: the example on real MongoDB, Kafka and Connect, asked over HTTP. What must come of it is computed from what was
// asked, and compared with the stored events, the read model and the conversations that are shown.
import { randomUUID } from 'node:crypto';
import { channelGroups as example } from '@foldline/examples/channel-groups/example';
import { idOf, projectorCrashPoints } from 'foldline/engine';
import { kafkaFeedCrashPoints } from 'foldline/kafka';
import { sagaCrashPoints } from 'foldline/running';
import { seededRandom } from 'foldline/testing';
import { figure, someKills, testSeed } from 'foldline/testing/workspace';
import type { Db } from 'mongodb';
import { type ConsumerGroup, openConsumerGroup } from './support/consumer-group.ts';
import {
  askFor,
  type Command,
  type Conversation,
  conversations,
  list,
  type Reference,
  referencesOf,
  send,
  version5,
} from './support/conversations.ts';
import { type Deliveries, openDeliveries } from './support/deliveries.ts';
import { type ExampleStack, startExampleStack } from './support/example-stack.ts';
import { unmarkedIn } from './support/marks.ts';
import { runPage } from './support/page-commands.ts';
import { type ServiceProcess, startServiceProcess } from './support/service-process.ts';
import { startLimitMs, stopLimitMs } from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';

const seed = testSeed();
const random = seededRandom(seed);
const patienceMs = figure({ usual: 60_000, full: 900_000 });
const env = {
  CONVERSATION_TIME_LIMIT_MS: '1000',
  SAGA_INSTANCES_AT_ONCE_MAX: '32',
  /** The shortest session that the broker grants: how long it waits for a consumer that was killed. */
  KAFKA_SESSION_TIMEOUT_MS: '6000',
  KAFKA_HEARTBEAT_EVERY_MS: '300',
};
const sources = [
  { topic: 'group-events', database: 'groups', collection: 'GroupEvents' },
  { topic: 'channel-events', database: 'channels', collection: 'ChannelEvents' },
];
const created = 'channelGroupReferenceCreated_v1';
const removed = 'channelGroupReferenceRemoved_v1';

// A machine that is busy with other things makes it slow, not wrong.
jest.setTimeout(patienceMs * 5);

let stack: ExampleStack;
let group: ConsumerGroup;
let deliveries: Deliveries;
let db: Db;
let references: ServiceProcess | undefined;

beforeAll(async () => {
  const services = example.services.map((service) => ({ ...service, env: () => env }));
  stack = await startExampleStack({ ...example, services });
  const brokers = stack.stack.servers.brokers as string;
  group = await openConsumerGroup(brokers, 'reference-service');
  deliveries = await openDeliveries(stack.client, brokers, sources);
  db = stack.client.db('channel_groups');
}, startLimitMs);

afterAll(async () => {
  await references?.process.close();
  await deliveries?.close();
  await group?.close();
  await stack?.close();
}, stopLimitMs);

const urlOf = (service: string) => stack.stack.services.get(service)?.url ?? '';
const command = (conversation: string, ...one: Command) => send(urlOf, conversation, one);
const listOf = (path: string) => list(`${urlOf('references')}${path}`);
const referencesShown = async () => (await listOf('/channel-group-references')) as unknown as Reference[];

/** What was said of a conversation, in order. */
const saidOf = async (conversation: string, kind = 'channel-group-reference') =>
  db
    .collection('ChannelGroupEvents')
    .find({ subject: `${kind}-${version5(conversation)}` })
    .sort({ version: 1 })
    .toArray();

async function whenSaid(conversation: string, types: readonly string[]): Promise<void> {
  await waitUntil(types.join(' and '), patienceMs, async () => {
    const said = (await saidOf(conversation)).map(({ type }) => type);
    return said.join() === types.join() ? undefined : `it said ${said.join() || 'nothing'}`;
  });
}

/** Until a conversation is shown as `wanted` says, whatever else is shown of it. */
async function whenShown(conversation: string, wanted: Readonly<Record<string, unknown>>): Promise<void> {
  await waitUntil(`a conversation with ${JSON.stringify(wanted)}`, patienceMs, async () => {
    const shown = (await listOf('/correlations')).find(({ correlationid }) => correlationid === conversation);
    const differs = Object.keys(wanted).some((name) => JSON.stringify(shown?.[name]) !== JSON.stringify(wanted[name]));
    return differs ? `it is shown as ${JSON.stringify(shown)}` : undefined;
  });
}

test('one correlation id with both commands: one reference, and the conversation is complete', async () => {
  // #region pair
  const [conversation, groupId, channelId] = [randomUUID(), randomUUID(), randomUUID()];
  await command(conversation, 'POST', '/channels', { id: channelId, title: 'Announcements' });
  await command(conversation, 'POST', '/groups', { id: groupId, title: 'Chess club' });

  await whenSaid(conversation, ['channelGroupReferenceCreated_v1']);
  await whenShown(conversation, { state: 'complete' });
  // #endregion
  const [reference] = referencesOf([{ correlationid: conversation, groupId, channelId }]);
  await waitUntil('the reference in the read model', patienceMs, async () => {
    const found = (await referencesShown()).find(({ id }) => id === reference?.id);
    return found ? undefined : 'it is not there';
  });
  expect(await referencesShown()).toContainEqual(reference);
  // By Connect and no other: what the tests below wait for is not so by itself.
  await expect(deliveries.whenTwice([conversation], 0)).rejects.toThrow('2 of 2 are not');
});

test('a channel without a group is given up at the time limit; a group that comes after all completes it, once', async () => {
  // #region late
  const [conversation, groupId, channelId] = [randomUUID(), randomUUID(), randomUUID()];
  await command(conversation, 'POST', '/channels', { id: channelId, title: 'Lost and found' });
  await whenShown(conversation, { state: 'abandoned', said: 'nothing', reason: 'no group in 1000 ms' });

  await command(conversation, 'POST', '/groups', { id: groupId, title: 'Late risers' });
  await whenShown(conversation, { state: 'complete', said: 'created' });
  // #endregion
  await deliveries.repeat([conversation], random);
  await deliveries.whenTwice([conversation], patienceMs);
  await whenRead();
  expect((await saidOf(conversation)).map(({ type, data }) => [type, data])).toEqual([
    [created, { groupId, channelId }],
  ]);
});

test('a second channel in one conversation is held and shown; the reference is to the first', async () => {
  // #region held
  const [conversation, groupId, first, second] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const facts = [{ role: 'channel', subject: `channel-${first}`, lost: false }];
  await command(conversation, 'POST', '/channels', { id: first, title: 'First' });
  await whenShown(conversation, { facts });

  await command(conversation, 'POST', '/channels', { id: second, title: 'Second' });
  await command(conversation, 'POST', '/groups', { id: groupId, title: 'With two channels' });
  await whenSaid(conversation, ['channelGroupReferenceCreated_v1']);
  // #endregion
  const heldOf = async () =>
    (await listOf('/correlations')).find(({ correlationid }) => correlationid === conversation)?.held;
  await waitUntil('the second channel', patienceMs, async () => {
    return ((await heldOf()) as unknown[] | undefined)?.length === 1 ? undefined : 'it is not shown';
  });
  expect(await heldOf()).toEqual([{ role: 'channel', subject: `channel-${second}`, eventId: expect.any(String) }]);
  expect((await saidOf(conversation)).map(({ data }) => data)).toEqual([{ groupId, channelId: first }]);
});

test.each([
  ['the group', ['channel', 'group', 'no group']],
  ['the channel', ['group', 'channel', 'no channel']],
  ['the channel, before its group comes', ['channel', 'no channel', 'group']],
])('removal of %s removes the reference by an event', async (_, order) => {
  const [conversation, id] = [randomUUID(), randomUUID()];
  let facts: { role: string; subject: string; lost: boolean }[] = [];
  for (const one of order) {
    const role = one.replace('no ', '');
    if (one === role) facts.push({ role, subject: `${role}-${id}`, lost: false });
    else facts = facts.map((fact) => (fact.role === role ? { ...fact, lost: true } : fact));
    if (one === 'group') await command(conversation, 'POST', '/groups', { id, title: 'Short-lived' });
    if (one === 'channel') await command(conversation, 'POST', '/channels', { id, title: 'Short-lived' });
    // Whoever removes it is in a conversation of their own.
    if (one !== role) await command(randomUUID(), 'DELETE', `/${role}s/${id}`);
    // What comes first shall also be noted first.
    await whenShown(conversation, { facts });
  }
  await whenSaid(conversation, [created, removed]);
  await waitUntil('the end of the reference', patienceMs, async () => {
    const { state } = (await db.collection<{ _id: string; state: string }>('references').findOne({
      _id: `channel-group-reference-${version5(conversation)}`,
    })) ?? { state: 'not there' };
    return state === 'removed' ? undefined : `it is ${state}`;
  });
  expect((await referencesShown()).map(({ groupId }) => groupId)).not.toContain(id);
});

test('a longer chain: whoever joined the group and its channel in one conversation is said to be in both, once', async () => {
  const chains = conversations(40);
  await askFor(urlOf, chains, random);
  const memberOf = new Map(chains.map(({ correlationid }) => [correlationid, randomUUID()]));
  await Promise.all(
    chains.map(async ({ correlationid, groupId, channelId }) => {
      const member = { memberId: memberOf.get(correlationid) };
      await command(correlationid, 'POST', `/channels/${channelId}/members`, member);
      if (groupId) await command(correlationid, 'POST', `/groups/${groupId}/members`, member);
    }),
  );
  const ids = chains.map(({ correlationid }) => correlationid);
  await deliveries.repeat(ids, random);
  await deliveries.whenTwice(ids, patienceMs);
  await whenAtRest();
  const said = await db.collection('ChannelGroupEvents').find({ type: 'memberJoinedGroupChannel_v1' }).toArray();
  const whole = chains.filter(({ groupId }) => groupId !== null);
  expect(said.map(({ correlationid, data }) => ({ correlationid, ...data })).sort(byConversation)).toEqual(
    whole
      .map(({ correlationid, groupId, channelId }) => {
        return { correlationid, groupId, channelId, memberId: memberOf.get(correlationid) };
      })
      .sort(byConversation),
  );
});

const everyPoint = [...kafkaFeedCrashPoints, ...sagaCrashPoints, ...projectorCrashPoints];
const crashPoints = someKills(everyPoint, 4, seed);

describe.each([
  { how: 'delivered shuffled and twice', points: [], count: figure({ usual: 100, full: 10_000 }) },
  {
    how: `the service killed at ${crashPoints.join(', ')} meanwhile`,
    points: crashPoints,
    count: figure({ usual: 400, full: 10_000 }),
  },
])(`$count conversations, half of them channels without a group, $how (seed ${seed})`, ({ points, count }) => {
  const asked = conversations(count);
  const ids = asked.map(({ correlationid }) => correlationid);
  const known = new Set(ids);

  test('everything is asked for, delivered twice, and handled', async () => {
    // One half while it dies again and again, the other half while it lives.
    const share = Math.ceil(count / 2 / crashPoints.length);
    for (const [i, point] of points.entries())
      await killedAt(point, () => deliverTwice(asked.slice(i * share, (i + 1) * share)));
    if (points.length > 0) await (await startReferences('')).whenReady();
    await deliverTwice(asked.slice(points.length * share));
    await deliveries.whenTwice(ids, patienceMs);
    await whenAtRest();
  });

  test('each whole conversation has exactly one reference, in the store and in the read model', async () => {
    // #region once
    const expected = referencesOf(asked);
    expect(expected).toHaveLength(count / 2);

    const events = await db.collection('ChannelGroupEvents').find({ type: created }).toArray();
    const said = events.filter(({ correlationid }) => known.has(correlationid));
    const stored = said.map(({ subject, version, data }) => ({ id: idOf(subject), version, ...data }));
    expect(stored.sort(byId)).toEqual(expected);

    const wanted = new Set(expected.map(({ id }) => id));
    const shown = (await referencesShown()).filter(({ id }) => wanted.has(id));
    expect(shown.sort(byId)).toEqual(expected);
    // #endregion
  });

  test('the others were given up, and nobody waits', async () => {
    const among = async (state: string) => {
      const all = (await listOf(`/correlations?state=${state}`)).map(({ correlationid }) => String(correlationid));
      return all.filter((one) => known.has(one)).sort();
    };
    const those = (whole: boolean) =>
      asked.flatMap(({ correlationid, groupId }) => ((groupId !== null) === whole ? [correlationid] : [])).sort();
    expect(await among('complete')).toEqual(those(true));
    expect(await among('abandoned')).toEqual(those(false));
    expect(await listOf('/correlations?state=waiting')).toEqual([]);
    expect(await listOf('/correlations?state=waiting&name=group-channel-member')).toEqual([]);
  });

  test('the delivery was a mixed one: of some the group came first, of some the channel', async () => {
    const noted = await db.collection('Conversations').find({ state: 'completed' }).toArray();
    const first = noted
      .filter(({ data }) => known.has(data.correlationid))
      .map(({ data }) => Object.keys(data.facts)[0]);
    expect(first.filter((role) => role === 'group').length).toBeGreaterThan(count / 20);
    expect(first.filter((role) => role === 'channel').length).toBeGreaterThan(count / 20);
  });
});

// #region twice
/** Once by the services and Connect, in a mixed order, and once more by hand, in another. */
async function deliverTwice(some: readonly Conversation[]): Promise<void> {
  await askFor(urlOf, some, random);
  const ids = some.map(({ correlationid }) => correlationid);
  await deliveries.repeat(ids, random);
}
// #endregion

/** In the place of the one that runs, on its port. */
async function startReferences(crashAt: string): Promise<ServiceProcess> {
  await stack.stack.services.get('references')?.close();
  await references?.process.close();
  const spec = example.services.find(({ name }) => name === 'references');
  if (!spec) throw new Error('the example has no service of references');
  const port = Number(new URL(urlOf('references')).port);
  references = await startServiceProcess(stack.stack.servers, {
    ...spec,
    name: 'crashing-references',
    port,
    env: { ...env, CRASH_AT: crashAt },
  });
  return references;
}

/** A process of the service dies at the second passing of the place, while `deliver` delivers. */
async function killedAt(point: string, deliver: () => Promise<void>): Promise<void> {
  const { process } = await startReferences(`${point}:2`);
  await deliver();
  await waitUntil(`the end at ${point}`, patienceMs, async () => (process.ended() ? undefined : 'it still runs'));
  expect([point, process.ended()]).toEqual([point, { code: null, signal: 'SIGKILL' }]);
  await group.removeMembers();
}

async function whenRead(): Promise<void> {
  for (const topic of ['group-events', 'channel-events', 'channel-group-events'])
    await group.whenAtEnd(topic, patienceMs);
}

/** Until all news is handled, no conversation has anything to do or to wait for, and the read model is where the store is. */
async function whenAtRest(): Promise<void> {
  await whenRead();
  await waitUntil('no conversation that is due', patienceMs, async () => {
    const due = { 'data.progress.dueAt': { $type: 'string' } };
    const counts = ['Conversations', 'MemberConversations'].map((name) => db.collection(name).countDocuments(due));
    const [pairs, members] = await Promise.all(counts);
    return pairs === 0 && members === 0 ? undefined : `${pairs} and ${members} are`;
  });
  await waitUntil('every reference in the read model', patienceMs, async () => {
    const stored = await db.collection('ChannelGroupEvents').countDocuments({ type: created });
    const shown = await db.collection('references').countDocuments();
    return shown === stored ? undefined : `${shown} of ${stored} are`;
  });
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}

function byConversation(a: { correlationid: string }, b: { correlationid: string }): number {
  return a.correlationid < b.correlationid ? -1 : 1;
}

test('docs/scenarios/channel-groups.md: its commands are answered as it shows', async () => {
  const replace = {
    'http://127.0.0.1:20182': urlOf('groups'),
    'http://127.0.0.1:27320': urlOf('channels'),
    'http://127.0.0.1:27086': urlOf('references'),
  };
  await runPage('docs/scenarios/channel-groups.md', { replace });
});

test('every collection of the three services carries the mark', async () => {
  for (const name of ['groups', 'channels', 'channel_groups'])
    expect(await unmarkedIn(stack.client.db(name))).toEqual([]);
});
