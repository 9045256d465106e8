// Goal: members of other programs are named as long as they are in the group. Method: a broker that answers; a real stranger is in the tests of
// the resync.
import type { KafkaClient } from './kafka-client.ts';
import { watchForStrangers } from './strangers.ts';

const own = { clientId: 'shop', clientHost: '/10.0.0.1' };

test('strangers are named with their host, told once, and forgotten when they leave', async () => {
  let members: (typeof own)[] | undefined = [own];
  const told: string[] = [];
  const admin = {
    connect: async () => {},
    disconnect: async () => {},
    async describeGroups() {
      if (!members) throw new Error('no coordinator');
      return { groups: [{ members }] };
    },
  };
  const kafka = { security: {}, admin: () => admin } as unknown as KafkaClient;
  const log = { info() {}, warn: (_: object, message: string) => void told.push(message), error() {} };
  const { look, trouble } = watchForStrangers(kafka, { groupId: 'g', clientId: 'shop', log });
  await look();
  expect(trouble()).toBeUndefined();

  members = [own, { clientId: 'kcat', clientHost: '/10.0.0.2' }, own];
  await look();
  await look();
  const what = 'the group g also has members of other programs, which take partitions from shop: kcat at 10.0.0.2';
  expect([trouble(), told]).toEqual([what, [what]]);

  // What is not known changes nothing.
  members = undefined;
  await look();
  expect([trouble(), told.at(-1)]).toEqual([what, 'the members of the group are not known: no coordinator']);
  members = [own];
  await look();
  expect(trouble()).toBeUndefined();
});
