// Plays a program with user-service's own code on stores in memory, and holds what comes of it against the oracle.

import { customerProjection } from '@foldline/shopping-service/dist/src/customers/customer.js';
import {
  type IdentityMerge,
  type IdentityPorts,
  mergeIdentities,
  retractMerge,
  userClaimRules,
} from '@foldline/user-service/identities';
import { deleteUser, userDecider, userProjection } from '@foldline/user-service/users';
import {
  createProjector,
  type Documents,
  type EventStore,
  execute,
  type FeedItem,
  isFailure,
  readModel,
  type StoredEvent,
  subjectOf,
} from 'foldline/engine';
import {
  inMemoryDocuments,
  inMemoryEventStore,
  inMemoryHeldSubjects,
  type SeededRandom,
  silentLogger,
  type TestClock,
  testClock,
  testIds,
} from 'foldline/testing';
import type { Command, Program } from './program.ts';

const causation = { correlationid: 'program' };

export interface World {
  readonly ports: IdentityPorts;
  readonly clock: TestClock;
  readonly userIds: readonly string[];
  readonly subjects: readonly string[];
  /** Those that were made, in order. */
  readonly merges: readonly IdentityMerge[];
  /** The shop's copies of the users. */
  readonly customers: Documents;
  events(): Promise<StoredEvent[]>;
  /** `done`, or the code that it was refused with. */
  outcomeOf(command: Command): Promise<string>;
  /** The next events of these users, each in their order, the last `back` of them again. */
  deliver(whose: readonly number[], back: number): Promise<void>;
  /** What is left of all users, a few events at a time. */
  deliverAll(): Promise<void>;
}

/** @param bend of the store, so that a test shows that a fault would be seen */
export function openWorld(
  { users }: Pick<Program, 'users'>,
  random: SeededRandom,
  bend: (store: EventStore) => EventStore = (store) => store,
): World {
  const clock = testClock();
  const ids = testIds(1);
  const userIds = Array.from({ length: users }, testIds(0).next);
  const bare = inMemoryEventStore({ claimRules: userClaimRules });
  const store = interleaved(bend(bare), random);
  const [documents, customers] = [inMemoryDocuments([]), inMemoryDocuments([])];
  const ports = { projection: userProjection, documents, store, clock, ids, membersMax: 50 };
  const projectors = [readModel(userProjection, documents), readModel(customerProjection, customers)].map((model) =>
    createProjector({ models: [model], held: inMemoryHeldSubjects(), clock, log: silentLogger }),
  );
  const merges: IdentityMerge[] = [];
  const delivered = new Map<string, number>();
  const subjects = userIds.map((id) => subjectOf('user', id));

  const idOfUser = (user: number) => userIds[user % users] as string;

  async function note(user: number, type: string, data: object): Promise<void> {
    const subject = subjectOf('user', idOfUser(user));
    // A stranger's writer tries again until it is first.
    for (;;) {
      const version = ((await store.heads([subject])).get(subject) ?? 0) + 1;
      const event = { specversion: '1.0' as const, id: ids.next(), source: '/stranger', subject, type, version };
      const result = await store.append([{ ...event, time: clock.now(), data: data as StoredEvent['data'] }]);
      if (result.kind !== 'version-conflict') return;
    }
  }

  async function run(command: Command): Promise<void> {
    switch (command.kind) {
      case 'import':
        return note(command.user, 'userImported_v1', command.fields);
      case 'note':
        return command.firstName === undefined
          ? note(command.user, 'activityRecorded_v1', { name: 'seen', properties: {} })
          : note(command.user, 'userFirstNameChanged_v1', { firstName: command.firstName });
      case 'create':
      case 'change': {
        const subject = subjectOf('user', idOfUser(command.user));
        const fields = command.fields as { firstName: string; lastName: string; email: string };
        const order =
          command.kind === 'create'
            ? ({ kind: 'create', user: fields } as const)
            : ({ kind: 'change', changes: fields } as const);
        await execute(ports, userDecider, { subject, command: order, causation });
        return;
      }
      case 'delete':
        await deleteUser(ports, { subject: subjectOf('user', idOfUser(command.user)), causation });
        return;
      case 'merge': {
        const order = { survivorId: idOfUser(command.survivor), absorbedId: idOfUser(command.absorbed), reason: 'one' };
        merges.push((await mergeIdentities(ports, order, { causation })).merge);
        return;
      }
      case 'retract': {
        const merge = merges[command.merge % Math.max(merges.length, 1)];
        if (merge) await retractMerge(ports, merge, { causation });
      }
    }
  }

  return {
    ports,
    clock,
    subjects,
    merges,
    customers,
    userIds,
    events: async () => (await Promise.all(subjects.map((subject) => bare.read(subject)))).flat(),
    async outcomeOf(command) {
      try {
        await run(command);
        return 'done';
      } catch (error) {
        if (isFailure(error)) return error.code;
        throw error;
      }
    },
    deliver,
    async deliverAll() {
      const heads = await bare.heads(subjects);
      const behind = () => userIds.flatMap((_, user) => (isBehind(user, heads) ? [user] : []));
      for (let left = behind(); left.length > 0; left = behind()) await deliver([random.pick(left)], random.below(2));
    },
  };

  function isBehind(user: number, heads: ReadonlyMap<string, number>): boolean {
    const subject = subjects[user] as string;
    return (delivered.get(subject) ?? 0) < (heads.get(subject) ?? 0);
  }

  async function deliver(whose: readonly number[], back: number): Promise<void> {
    const items: FeedItem[] = [];
    for (const subject of whose.map((user) => subjectOf('user', idOfUser(user)))) {
      const done = delivered.get(subject) ?? 0;
      const next = await bare.read(subject, {
        afterVersion: Math.max(0, done - back),
        limit: back + 1 + random.below(3),
      });
      items.push(...next.map((event) => ({ source: 'user-events', position: '', event })));
      delivered.set(subject, Math.max(done, next.at(-1)?.version ?? 0));
    }
    for (const projector of projectors) await projector.apply(items);
  }
}

/** Every use of the store lets others go first for a random while, so that commands at once really interleave. */
function interleaved<Store extends object>(store: Store, random: SeededRandom): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => unknown;
      return async (...given: unknown[]) => {
        for (let turns = random.below(6); turns > 0; turns -= 1) await undefined;
        return method(...given);
      };
    },
  });
}
