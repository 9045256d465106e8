// Goal: a mark is found again wherever its field stands, and nothing else is. Method: contracts of every form with marks by hand, and
// the contracts of users.
import {
  breaksOf,
  defineContracts,
  jsonSchemaOf,
  personal,
  personalFieldsOf,
  personalPathsIn,
  wireSchemas,
  withoutAnnotations,
} from 'foldline/contracts';
import { z } from 'zod';
import { contractTable } from './topics.ts';
import { userSnapshot_v1 } from './user-snapshot.ts';
import { userContracts, userHistoryContracts } from './users.ts';

const name = personal(z.string().meta({ examples: ['Ada'] }));
const free = z.string();

test.each<[string, z.ZodType, readonly string[]]>([
  ['nothing', z.object({ free }), []],
  ['a field', z.object({ name, free }), ['/name']],
  [
    'a field that may be absent, be null, or has a default',
    z.object({ a: name.optional(), b: name.nullable(), c: name.default('') }),
    ['/a', '/b', '/c'],
  ],
  ['a nested field', z.object({ deep: z.object({ deeper: z.object({ name, free }) }) }), ['/deep/deeper/name']],
  ['a field in a list', z.object({ people: z.array(z.object({ name, free })) }), ['/people/*/name']],
  ['the members of a list', z.object({ names: z.array(name) }), ['/names/*']],
  ['a list as a whole', z.object({ names: personal(z.array(free)) }), ['/names']],
  ['a tuple', z.object({ pair: z.tuple([free, name]) }), ['/pair/*']],
  ['a map', z.object({ map: z.record(free, z.object({ name })) }), ['/map/*/name']],
  ['a map as a whole', z.object({ map: personal(z.record(free, z.unknown())) }), ['/map']],
  ['an object as a whole, and what is marked in it too', z.object({ all: personal(z.object({ name })) }), ['/all']],
  [
    'a union',
    z.object({ one: z.union([z.object({ name }), z.object({ other: name, free })]) }),
    ['/one/name', '/one/other'],
  ],
  [
    'a union of kinds',
    z.object({
      one: z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), name }), z.object({ kind: z.literal('b') })]),
    }),
    ['/one/name'],
  ],
  ['an intersection', z.object({ both: z.intersection(z.object({ name }), z.object({ free })) }), ['/both/name']],
  ['a field with checks and a description after the mark', z.object({ name: name.min(1).describe('Who') }), ['/name']],
  ['a value that is changed on reading', z.object({ name: name.transform((text) => text.length) }), ['/name']],
  ['a date', z.object({ born: personal(z.date()), seen: z.date() }), ['/born']],
  ['a shared definition', z.object({ name: personal(z.string()).meta({ id: 'Name' }) }), ['/name']],
  ['odd names of fields', z.object({ 'a/b': name, 'c~d': name }), ['/a~1b', '/c~0d']],
])('%s', (_, schema, pointers) => {
  expect(personalFieldsOf({ schema })).toEqual(pointers);
});

test('a schema whose fields cannot be listed is refused', () => {
  const person = z.object({
    name,
    get friends() {
      return z.array(person);
    },
  });
  expect(() => personalFieldsOf({ schema: person })).toThrow(/cycle/i);
  expect(() => personalFieldsOf({ schema: z.object({ '*': name }) })).toThrow('rename it');
});

test('each version of a type has marks of its own, and the mark changes nothing that is read', () => {
  const contracts = defineContracts({
    named_v1: {
      schema: z.object({ name }),
      upcast: { to: 'named_v2', data: ({ name }: { name: string }) => ({ names: [name] }) },
    },
    named_v2: { schema: z.object({ names: z.array(name) }) },
  });
  expect(Object.values(contracts).map(personalFieldsOf)).toEqual([['/name'], ['/names/*']]);
  expect(name.parse('Ada')).toBe('Ada');
  expect(name.meta()).toMatchObject({ examples: ['Ada'], 'x-personal': true });
});

test('the personal fields of users', () => {
  const byType = Object.entries({ ...userContracts, ...userHistoryContracts }).map(
    ([type, contract]) => [type, personalFieldsOf(contract)] as const,
  );
  expect(Object.fromEntries(byType)).toEqual({
    userCreated_v1: ['/name', '/email'],
    userCreated_v2: ['/firstName', '/lastName', '/email'],
    userFirstNameChanged_v1: ['/firstName'],
    userLastNameChanged_v1: ['/lastName'],
    userEmailChanged_v1: ['/email'],
    userDeleted_v1: [],
    userImported_v1: ['/firstName', '/lastName', '/email'],
    userAbsorbed_v1: [],
    userMerged_v1: [],
    mergeRetracted_v1: [],
    userIdentityAdded_v1: ['/value'],
    activityRecorded_v1: ['/properties'],
  });
  expect(personalFieldsOf({ schema: userSnapshot_v1 })).toEqual(['/data/firstName', '/data/lastName', '/data/email']);
});

test('the documents for others show the marks', () => {
  const schemas = wireSchemas(contractTable);
  expect(personalPathsIn(schemas.userCreated_v2 ?? {})).toEqual(
    ['firstName', 'lastName', 'email'].map((field) => ['data', field]),
  );
  expect(schemas.activityRecorded_v1).toMatchObject({
    properties: { data: { properties: { properties: { 'x-personal': true } } } },
  });
  expect(personalPathsIn(schemas.itemAdded_v1 ?? {})).toEqual([]);
});

describe('a promise', () => {
  const promised = (data: z.ZodType) => withoutAnnotations(jsonSchemaOf(z.object({ data })));
  const listed = z.object({ people: z.array(z.object({ free })), one: z.union([z.object({ free }), free]) });
  const marked = z.object({
    people: z.array(z.object({ free: personal(free) })),
    one: z.union([z.object({ free: personal(free) }), free]),
  });
  const lost = (path: string) =>
    `named_v1.data.${path}: is not marked as personal any more; what is stored there still is personal`;

  test('is kept by a mark that is added, also on what holds the field', () => {
    expect(breaksOf('named_v1', promised(listed), promised(marked))).toEqual([]);
    const whole = z.object({
      people: personal(z.array(z.object({ free }))),
      one: personal(z.union([z.object({ free }), free])),
    });
    expect(breaksOf('named_v1', promised(marked), promised(whole))).toEqual([]);
  });

  test('is broken by a mark that is taken off', () => {
    expect(breaksOf('named_v1', promised(marked), promised(listed))).toEqual([lost('people[].free'), lost('one.free')]);
    const data = z.object({ name });
    expect(breaksOf('named_v1', promised(data), promised(z.object({ name: free })))).toEqual([lost('name')]);
    expect(breaksOf('named_v1', promised(data), promised(data))).toEqual([]);
  });

  test('is broken once by a marked field that is removed', () => {
    const [data, without] = [z.object({ name, free }), z.object({ free })];
    expect(breaksOf('named_v1', promised(data), promised(without))).toEqual([
      'named_v1.data.name: was removed; older consumers read it',
    ]);
  });
});
