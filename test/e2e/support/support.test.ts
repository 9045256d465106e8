// Goal: the end-to-end tests can fail. Method: documents that are right are accepted, and each way of being wrong is named;
// the oracle folds a history that was worked out by hand, and refuses one with a hole. Needs no server.
import { collectionMark } from 'foldline/mongodb';
import type { Db } from 'mongodb';
import { unmarkedIn } from './marks.ts';
import { askOracle } from './oracle.ts';
import { bodyOf, listedFor, mergedUserBodyOf } from './oracle-bodies.ts';
import { openPageShell } from './page-shell.ts';
import { canonical, expectSameDocuments } from './same-documents.ts';
import type { EventDocument } from './stored-events.ts';
import type { SubjectDocument } from './test-system.ts';

const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

let events: EventDocument[] = [];

beforeEach(() => {
  events = [];
});

function happened(subject: string, version: number, type: string, data: object): void {
  events.push({ id: id(events.length), type, subject, version, time: time(version), data });
}

/** A database that holds `events`, each in the collection of its kind. */
const database = {
  collection: (name: string) => ({
    find: () => ({
      sort: () => ({ toArray: async () => events.filter(({ subject }) => collectionOf(subject) === name) }),
    }),
  }),
} as unknown as Db;

function collectionOf(subject: string): string {
  if (subject.startsWith('user-')) return 'UserEvents';
  return subject.startsWith('order-') ? 'OrderEvents' : 'CatalogEvents';
}

const documents = (...list: SubjectDocument[]) => new Map(list.map((document) => [document._id, document]));

test('equal sets are accepted, whatever the order of documents and members', () => {
  const one = { _id: 'user-1', version: 1, data: { a: 1, at: time(1) } };
  const two = { _id: 'user-2', version: 2 };
  expectSameDocuments('users', [two, { data: { at: time(1), a: 1 }, version: 1, _id: 'user-1' }], documents(one, two));
});

test('what is missing, extra or different is named', () => {
  const expected = documents({ _id: 'user-1', version: 1, data: { a: 1 } }, { _id: 'user-2', version: 2 });
  const compare =
    (...actual: SubjectDocument[]) =>
    () =>
      expectSameDocuments('users', actual, expected);
  const right = [...expected.values()] as [SubjectDocument, SubjectDocument];
  expect(compare(right[0])).toThrow('missing user-2');
  expect(compare(...right, { _id: 'user-3' })).toThrow('extra user-3');
  expect(compare({ ...right[0], data: { a: 2 } }, right[1])).toThrow('data: is {"a":2}, expected {"a":1}');
  expect(compare({ ...right[0], more: null }, right[1])).toThrow('different user-1');
  expect(compare(...right, right[1])).toThrow('users are not what the stored events say');
});

test('canonical JSON tells values apart that print alike', () => {
  expect(canonical({ a: '1' })).not.toBe(canonical({ a: 1 }));
  expect(canonical({ a: [] })).not.toBe(canonical({ a: {} }));
  expect(canonical({ a: undefined })).toBe(canonical({}));
});

test('the oracle folds a history that was worked out by hand', async () => {
  happened(`user-${id(1)}`, 1, 'userCreated_v1', { name: ' Ada  King Lovelace ', email: 'A@b' });
  happened(`user-${id(1)}`, 2, 'userEmailChanged_v1', { email: 'c@d', ignored: true });
  happened(`user-${id(1)}`, 3, 'userDeleted_v1', {});
  happened(`item-${id(2)}`, 1, 'itemAdded_v1', { title: 'Tea', price: 3, categoryId: id(3), sellerId: id(4) });
  const { users, customers, categories, items } = await askOracle(database, database);
  expect(users.get(`user-${id(1)}`)).toEqual({
    _id: `user-${id(1)}`,
    version: 3,
    state: 'deleted',
    data: { firstName: 'Ada  King', lastName: 'Lovelace', email: 'c@d' },
    createdAt: time(1),
    time: time(3),
    lastEventId: id(2),
    // printf '%s\n%s\n%s\n%s' <previous> <id> <type> <version> | sha256sum, three times
    eventsDigest: '296ef24a024b1141d2cfc5010914afa7d98c0eca9c685e12de60838794cc80d4',
    foldVersion: 1,
  });
  expect([...customers.keys()]).toEqual([`user-${id(1)}`, `user-${id(4)}`]);
  expect(customers.get(`user-${id(1)}`)?.state).toBe('removed');
  expect([...categories.values()]).toEqual([{ _id: `category-${id(3)}`, version: 0, state: 'notYetAvailable' }]);
  expect([...items.values()]).toMatchObject([{ state: 'available', data: { title: 'Tea' } }]);
});

test('the oracle keeps since when a reference is held: through what changes elsewhere, not through a move away and back', async () => {
  const [item, elsewhere] = [`item-${id(2)}`, { categoryId: id(5) }];
  const references = async () => (await askOracle(database, database)).items.get(item)?.references;
  const seller = { field: 'sellerId', target: `user-${id(4)}`, since: time(1), sinceVersion: 1 };
  const category = (n: number, version: number) => {
    return { field: 'categoryId', target: `category-${id(n)}`, since: time(version), sinceVersion: version };
  };
  happened(item, 1, 'itemAdded_v1', { title: 'Tea', price: 3, categoryId: id(3), sellerId: id(4) });
  happened(item, 2, 'itemPriceChanged_v1', { price: 4 });
  expect(await references()).toEqual([category(3, 1), seller]);
  happened(item, 3, 'itemMovedToCategory_v1', elsewhere);
  happened(item, 4, 'itemMovedToCategory_v1', elsewhere);
  expect(await references()).toEqual([category(5, 3), seller]);
  happened(item, 5, 'itemMovedToCategory_v1', { categoryId: id(3) });
  expect(await references()).toEqual([category(3, 5), seller]);
  happened(item, 6, 'itemRemoved_v1', {});
  expect(await references()).toEqual([]);
});

test('the oracle holds one reference for each item of an order, in the order of fields and targets', async () => {
  const lines = [7, 6, 7].map((n) => ({ itemId: id(n), quantity: 1 }));
  happened(`order-${id(5)}`, 1, 'orderPlaced_v1', { customerId: id(4), lines });
  const { orders } = await askOracle(database, database);
  expect(orders.get(`order-${id(5)}`)?.references).toEqual(
    [`customerId user-${id(4)}`, `lines.itemId item-${id(6)}`, `lines.itemId item-${id(7)}`].map((held) => {
      const [field, target] = held.split(' ');
      return { field, target, since: time(1), sinceVersion: 1 };
    }),
  );
});

test('the oracle refuses a hole, and an event that it does not know', async () => {
  happened(`category-${id(1)}`, 1, 'categoryCreated_v1', { title: 'Tea' });
  happened(`category-${id(1)}`, 3, 'categoryTitleChanged_v1', { title: 'Coffee' });
  await expect(askOracle(database, database)).rejects.toThrow('its versions are not 1..n');
  events.pop();
  happened(`category-${id(1)}`, 2, 'categoryPainted_v1', {});
  await expect(askOracle(database, database)).rejects.toThrow('does not know the event type categoryPainted_v1');
});

test('bodies join references, those that are not known yet too', async () => {
  happened(`item-${id(2)}`, 1, 'itemAdded_v1', { title: 'Tea', price: 3, categoryId: id(3), sellerId: id(4) });
  happened(`order-${id(5)}`, 1, 'orderPlaced_v1', { customerId: id(4), lines: [{ itemId: id(2), quantity: 2 }] });
  const oracle = await askOracle(database, database);
  const person = { id: id(4), state: 'notYetAvailable', name: 'Not yet available' };
  const category = { id: id(3), state: 'notYetAvailable', title: 'Not yet available' };
  expect(bodyOf(oracle, 'orders', oracle.orders.get(`order-${id(5)}`) as SubjectDocument)).toEqual({
    id: id(5),
    state: 'available',
    version: 1,
    customer: person,
    lines: [{ quantity: 2, item: { id: id(2), state: 'available', title: 'Tea', category } }],
  });
});

describe('merged users', () => {
  const user = (n: number) => `user-${id(n)}`;
  const merged = (absorbed: [number, version: number], survivor: [number, version: number], mergeId: number) => {
    const edge = { mergeId: id(mergeId), survivorId: id(survivor[0]), reason: 'one person' };
    happened(user(absorbed[0]), absorbed[1], 'userAbsorbed_v1', edge);
    happened(user(survivor[0]), survivor[1], 'userMerged_v1', { mergeId: id(mergeId), absorbedId: id(absorbed[0]) });
  };

  /** 1 was merged into 2, then 2 into 3; the survivor is without a last name, as 2 is without an address. */
  beforeEach(() => {
    happened(user(1), 1, 'userCreated_v2', { firstName: 'Ada', lastName: 'Lovelace', email: 'a@b' });
    happened(user(2), 1, 'userImported_v1', { firstName: 'A.', lastName: 'King' });
    happened(user(3), 1, 'userImported_v1', { firstName: 'Augusta' });
    merged([1, 2], [2, 2], 7);
    merged([2, 3], [3, 2], 8);
    happened(`item-${id(4)}`, 1, 'itemAdded_v1', { title: 'Tea', price: 3, categoryId: id(5), sellerId: id(1) });
    happened(`item-${id(6)}`, 1, 'itemAdded_v1', { title: 'Rum', price: 3, categoryId: id(5), sellerId: id(3) });
  });

  const body = async (n: number) => {
    const oracle = await askOracle(database, database);
    return bodyOf(oracle, 'customers', oracle.customers.get(user(n)) as SubjectDocument);
  };

  test('keep their edges in the documents: both sides in user-service, the absorbed side in the shop', async () => {
    const { users, customers } = await askOracle(database, database);
    const [edge, below] = [
      { mergedInto: id(3), mergeId: id(8) },
      { absorbed: [{ mergeId: id(7), absorbedId: id(1) }] },
    ];
    expect(users.get(user(2))).toMatchObject({ version: 3, time: time(3), ...edge, ...below });
    expect(customers.get(user(2))).toMatchObject({ version: 3, time: time(3), ...edge });
    expect(Object.keys(customers.get(user(2)) ?? {})).not.toContain('absorbed');
    expect(users.get(user(3))).toMatchObject({ absorbed: [{ mergeId: id(8), absorbedId: id(2) }] });
  });

  test('read as the survivor with its gaps filled, in bodies, beside what names them, and in lists', async () => {
    const shown = { id: id(3), state: 'available', version: 2, firstName: 'Augusta', lastName: 'King', email: 'a@b' };
    for (const n of [1, 2, 3]) expect(await body(n)).toEqual(shown);
    const oracle = await askOracle(database, database);
    expect(bodyOf(oracle, 'items', oracle.items.get(`item-${id(4)}`) as SubjectDocument)).toMatchObject({
      seller: { id: id(3), state: 'available', name: 'Augusta King' },
    });
    for (const n of [1, 2, 3]) expect(listedFor(oracle, 'items', id(n))).toEqual([id(4), id(6)]);
    expect(mergedUserBodyOf(oracle.users, user(1))).toEqual({
      id: id(3),
      firstName: 'Augusta',
      lastName: 'King',
      email: 'a@b',
      version: 2,
      createdAt: time(1).toISOString(),
      updatedAt: time(2).toISOString(),
      versions: { [user(3)]: 2, [user(2)]: 3, [user(1)]: 2 },
      alternatives: { firstName: ['A.', 'Ada'], lastName: ['Lovelace'] },
    });
  });

  test('fill gaps in the order of the merges, each with those behind it; whoever was removed alone fills none', async () => {
    for (const [n, email] of [
      [5, 'five@x'],
      [9, 'nine@x'],
    ] as const)
      happened(user(n), 1, 'userImported_v1', { lastName: `${n}`, email });
    merged([9, 2], [3, 3], 4);
    merged([5, 2], [9, 3], 6);
    expect(await body(1)).toMatchObject({ id: id(3), firstName: 'Augusta', lastName: '9', email: 'nine@x' });
    happened(user(9), 4, 'userDeleted_v1', {});
    expect(await body(3)).toMatchObject({ firstName: 'Augusta', lastName: '5', email: 'five@x' });
    happened(user(3), 4, 'userDeleted_v1', {});
    expect(await body(3)).toMatchObject({ state: 'removed', lastName: '9' });
  });

  test('are apart again where a merge was taken back, and only that one', async () => {
    happened(user(2), 4, 'mergeRetracted_v1', { mergeId: id(8) });
    happened(user(3), 3, 'mergeRetracted_v1', { mergeId: id(8) });
    expect([await body(1), await body(3)]).toMatchObject([{ id: id(2) }, { id: id(3), lastName: '' }]);
    const { users } = await askOracle(database, database);
    expect(Object.keys(users.get(user(2)) ?? {})).not.toContain('mergedInto');
    expect(users.get(user(2))?.absorbed).toEqual([{ mergeId: id(7), absorbedId: id(1) }]);
    expect(Object.keys(users.get(user(3)) ?? {})).not.toContain('absorbed');
  });

  test('in a circle read as the smallest, and a survivor of whom nothing was heard as a placeholder', async () => {
    merged([3, 3], [2, 4], 9);
    for (const n of [1, 2, 3]) expect(await body(n)).toMatchObject({ id: id(2), lastName: 'King' });
    happened(user(2), 5, 'userAbsorbed_v1', { mergeId: id(9), survivorId: id(0), reason: 'strange' });
    const unknown = { id: id(0), state: 'notYetAvailable', version: 0, firstName: null, lastName: null, email: null };
    expect(await body(1)).toEqual(unknown);
    const { users } = await askOracle(database, database);
    expect(() => mergedUserBodyOf(users, user(2))).toThrow(`no document of ${user(0)}`);
  });

  test('keep what is folded by nobody as versions: neither fields nor the time of the last change move', async () => {
    happened(user(1), 3, 'userIdentityAdded_v1', { kind: 'crm', value: '42' });
    happened(user(1), 4, 'activityRecorded_v1', { name: 'opened', properties: {} });
    const { customers } = await askOracle(database, database);
    expect(customers.get(user(1))).toMatchObject({ version: 4, time: time(2), mergedInto: id(2) });
    happened(user(9), 1, 'activityRecorded_v1', { name: 'opened', properties: {} });
    await expect(askOracle(database, database)).rejects.toThrow('is the first event of its subject');
  });
});

test('a page is typed into one shell: what a block sets stays, what it prints is its own, and one that fails is told', async () => {
  const shell = await openPageShell('/', { GIVEN: 'given' });
  try {
    await shell.run('set_here=one\ncat');
    expect(await shell.run('echo "$set_here $GIVEN $PWD"')).toBe('one given /\n\n');
    await expect(shell.run('echo before\nfalse\necho behind')).rejects.toThrow(/^ended with 1:\nbefore\n/);
  } finally {
    await shell.close();
  }
});

test('a collection without the mark is named, and a database without collections proves nothing', async () => {
  const listing = (...collections: object[]) =>
    ({ databaseName: 'users', listCollections: () => ({ toArray: async () => collections }) }) as unknown as Db;
  const marked = { name: 'Users', options: { validator: { $comment: collectionMark } } };
  const others = [
    { name: 'A', options: {} },
    { name: 'B', options: { validator: { $comment: 'theirs' } } },
  ];
  expect(await unmarkedIn(listing(marked))).toEqual([]);
  expect(await unmarkedIn(listing(marked, ...others))).toEqual(['A', 'B']);
  await expect(unmarkedIn(listing())).rejects.toThrow('users has no collection');
});
