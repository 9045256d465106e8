// Goal: a map of fields says what is wrong with it, and a document becomes exactly the event that it should, or names its field. Method:
// plain values.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { userContracts } from '@foldline/contracts';
import { BSON, type Document } from 'mongodb';
import { adopted, type Origin, type Place, placeOf } from './adopted-user.ts';
import { type FieldMap, readFieldMap, valueAt } from './field-map.ts';

const now = new Date('2030-01-01T00:00:00Z');
const origin = (map: Partial<FieldMap>): Origin => ({
  from: 'legacy.people',
  map: { id: '_id', ...map } as FieldMap,
  now,
});
const names = { firstName: 'first', lastName: 'last', email: 'mail' };
const read = (fields: Document, map: Partial<FieldMap> = names) => {
  const document = { _id: 1, ...fields };
  const place = placeOf(document, origin(map));
  return 'subject' in place ? adopted(document, place, origin(map)) : place;
};
const eventOf = (document: Document, map?: Partial<FieldMap>) => {
  const one = read(document, map);
  if (!('event' in one)) throw new Error(`${one.field}: ${one.detail}`);
  return one.event;
};

test('a map is read from the command line, or from a file', async () => {
  const text = JSON.stringify({ firstName: 'a', email: 'mails.0.address' });
  const expected = { id: '_id', firstName: 'a', email: 'mails.0.address' };
  expect(await readFieldMap(text)).toEqual(expected);
  const file = join(await mkdtemp(join(tmpdir(), 'foldline-map-')), 'map.json');
  await writeFile(file, text);
  expect(await readFieldMap(file)).toEqual(expected);
});

test.each([
  ['{', 'give JSON such as'],
  ['no/such/file.json', 'give JSON such as'],
  ['{"fristName":"a"}', 'fristName'],
  ['{"firstName":"a..b"}', 'firstName: must be the path of a field'],
  ['{"firstName":"$a"}', 'firstName: must be the path of a field'],
  ['{"name":"a","lastName":"b"}', 'name: is split into first and last name'],
  ['{"id":"key"}', 'it names none of'],
])('%s is refused and says why', async (text, why) => {
  expect(await readFieldMap(text)).toEqual({ fault: expect.stringContaining(why) });
});

test('values are found at the ends of paths, also in lists, and nowhere else', () => {
  const document = {
    a: { b: [{ c: 'deep' }], nothing: null, blank: ' ', none: [], empty: {}, 0: 'key' },
    'x.y': 'dotted',
  };
  const found = (path: string) => valueAt(document, path);
  expect([found('a.b.0.c'), found('a.0')]).toEqual([{ value: 'deep' }, { value: 'key' }]);
  const nothing = [
    'a.nothing',
    'a.nothing.c',
    'a.blank.c',
    'a.none.c',
    'a.empty.0',
    'a.b.1.c',
    'a.toString',
    'x',
    'x.y',
  ];
  for (const path of nothing) expect([path, found(path)]).toEqual([path, { value: undefined }]);
});

test.each<[string, unknown, string]>([
  ['a.c', [{ c: 1 }], 'a is a list: say which one of it, for example a.0.c'],
  ['a.length', [1], 'a is a list: say which one of it, for example a.0.length'],
  ['a.00', [1], 'a is a list: say which one of it, for example a.0.00'],
  ['a.0', { c: 1 }, 'a is no list, so that it has no 0'],
  ['a.0', 'text', 'a is no object, so that it has no 0'],
  ['a.c', 7, 'a is no object, so that it has no c'],
  ['a.buffer', new BSON.ObjectId(), 'a is no object, so that it has no buffer'],
  ['a.$id', new BSON.DBRef('people', new BSON.ObjectId()), 'a is no object, so that it has no $id'],
])('hazard: a path %s that goes astray at %j is never taken for a path to nothing', (path, a, astray) => {
  expect(valueAt({ a }, path)).toEqual({ astray });
});

test('a document becomes one event that the contract knows, with the claim on its address', () => {
  const event = eventOf({ first: ' Ada ', last: 'Lovelace', mail: 'Ada@Example.org', other: 'left out' });
  expect(event).toMatchObject({
    type: 'userImported_v1',
    version: 1,
    time: now,
    source: '/user-service',
    claims: ['email:ada@example.org'],
    data: { firstName: 'Ada', lastName: 'Lovelace', email: 'Ada@Example.org' },
  });
  expect(userContracts.userImported_v1.schema.safeParse(event.data).success).toBe(true);
});

test('what is missing, null or blank is left out; who has no address claims none', () => {
  const event = eventOf({ first: 'Ada', last: ' ', mail: null });
  expect([event.data, event.claims]).toEqual([{ firstName: 'Ada' }, undefined]);
  expect(eventOf({ full: 'Ada King Lovelace' }, { name: 'full' }).data).toEqual({
    firstName: 'Ada King',
    lastName: 'Lovelace',
  });
  expect(eventOf({ full: 'Ada' }, { name: 'full' }).data).toEqual({ firstName: 'Ada' });
});

test.each<[string, Document, string]>([
  ['a number as a name', { first: 7 }, 'firstName: is no text (number)'],
  ['a list as an address', { mail: ['ada@example.org'] }, 'email: is no text (object)'],
  ['an address that is none', { mail: 'ada' }, 'email: It must be an e-mail address such as ada@example.org.'],
  ['a name that is too long', { last: 'x'.repeat(201) }, 'lastName: It must be at most 200 characters long.'],
  [
    'a control character',
    { first: 'A\u0007da' },
    'firstName: It must not contain control characters, lone surrogates or U+FFFD.',
  ],
])('%s names its field, and not its value', (_, document, expected) => {
  const one = read(document);
  expect('event' in one ? undefined : `${one.field}: ${one.detail}`).toBe(expected);
});

test('the time is that of the document, where it says one, and never ahead', () => {
  const at = (created: unknown) => eventOf({ first: 'A', created }, { ...names, createdAt: 'created' }).time;
  const then = new Date('2020-05-05T10:00:00Z');
  expect([at(then), at('2020-05-05T12:00:00+02:00'), at(undefined)]).toEqual([then, then, now]);
  expect(at(new Date('2031-01-01T00:00:00Z'))).toEqual(now);
  for (const created of ['2020-05-05', 'yesterday', 1588672800, new Date(Number.NaN), new Date(-1e15)])
    expect(read({ first: 'A', created }, { ...names, createdAt: 'created' })).toMatchObject({ field: 'createdAt' });
});

test('a UUID stays the id; any other id gives one that is always the same, and two types give two', () => {
  const uuid = '018f3a1c-0000-7000-8000-00000000000a';
  const subject = (_id: unknown, from = 'legacy.people') =>
    (placeOf({ _id } as Document, { ...origin(names), from }) as Place).subject;
  expect([subject(uuid), subject(uuid.toUpperCase()), subject(new BSON.UUID(uuid))]).toEqual(
    Array(3).fill(`user-${uuid}`),
  );
  const others = [7, '7', new BSON.ObjectId('65f000000000000000000007'), '65f000000000000000000007'];
  const subjects = others.map((id) => subject(id));
  expect(new Set(subjects).size).toBe(4);
  expect(others.map((id) => subject(id))).toEqual(subjects);
  expect(subject(7, 'legacy.others')).not.toBe(subjects[0]);
  expect(read({ first: 'A' }, { ...names, id: 'key' })).toEqual({ field: 'id', detail: 'there is nothing' });
});

test.each<[string, Document]>([
  ['firstName', { first: { given: 'Ada' } }],
  ['id', { first: 'Ada', key: [1] }],
  ['email', { first: 'Ada', mails: [{ address: 'ada@example.org' }] }],
  ['createdAt', { first: 'Ada', since: { at: new Date() } }],
])('hazard: a document whose %s stands behind another path is not adopted without it', (field, document) => {
  const map = { id: 'key.n', firstName: 'first', email: 'mails.address', createdAt: 'since.0' };
  const others = { ...(field !== 'id' && { key: { n: 1 } }) };
  expect(
    read({ ...others, ...document }, field === 'firstName' ? { ...map, firstName: 'first.0' } : map),
  ).toMatchObject({ field });
});

test('hazard: a path that is misspelt must not make a user of whom nothing is known', () => {
  expect(read({ first: 'Ada' }, { firstName: 'frist', email: 'mial' })).toMatchObject({ field: 'map' });
});

test('hazard: two documents with one id are two, and the second is not taken for the first', () => {
  const [ada, grace] = [1, 2].map((_id) => eventOf({ _id, key: 77, first: 'A' }, { ...names, id: 'key' }));
  expect(ada?.subject).toBe(grace?.subject);
  expect(ada?.id).not.toBe(grace?.id);
});
