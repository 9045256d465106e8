// Goal: a change that breaks a published contract is named by type and field; one that does not is let through. Method: one
// schema, changed in every way by hand; each change must be found, and nothing else beside it.
import { z } from 'zod';
import { breaksOf } from './compatibility.ts';
import { jsonSchemaOf, withoutAnnotations } from './json-schemas.ts';

const email = z.string();
const line = z.object({ itemId: z.string().regex(/^[a-f]+$/), quantity: z.int().min(1) });
const fields = {
  email,
  title: z.string().min(1).max(200),
  state: z.enum(['active', 'deleted']),
  price: z.int().min(0).optional(),
  lines: z.array(line).min(1).max(100),
};
const before = promised(fields);

function promised(shape: z.ZodRawShape) {
  return withoutAnnotations(jsonSchemaOf(z.object({ data: z.object(shape).describe('What happened') })));
}
const { email: _email, ...withoutEmail } = fields;
const optionalEmail = { ...fields, email: email.optional() };

test.each<[string, z.ZodRawShape, string]>([
  ['a removed field', withoutEmail, 'email: was removed; older consumers read it'],
  ['a renamed field', { ...withoutEmail, mail: email.optional() }, 'email: was removed; older consumers read it'],
  ['another type', { ...fields, email: z.int() }, 'email: type was "string" and is "integer"'],
  ['null', { ...fields, email: email.nullable() }, 'email: type was "string" and is ["string","null"]'],
  ['a field that may be absent', optionalEmail, 'email: may be absent now; older consumers need it'],
  ['a field that must be there', { ...fields, price: z.int().min(0) }, 'price: is required now; events are stored'],
  ['a new field that must be there', { ...fields, added: email }, 'added: is new and required; events are stored'],
  ['fewer values', { ...fields, state: z.enum(['active']) }, 'state: lost "deleted"; values are stored'],
  ['more values', { ...fields, state: z.enum(['active', 'deleted', 'x']) }, 'state: gained "x"; older consumers'],
  ['a list of values', { ...fields, email: z.enum(['a', 'b']) }, 'email: has a list of values now; values are stored'],
  ['no list of values', { ...fields, state: email }, 'state: has no list of values any more; older consumers'],
  [
    'shorter',
    { ...fields, title: z.string().min(1).max(100) },
    'title: maxLength was 200 and is 100; values are stored',
  ],
  ['longer', { ...fields, title: z.string().min(1).max(300) }, 'title: maxLength was 200 and is 300; older consumers'],
  [
    'not bounded',
    { ...fields, title: z.string().min(1) },
    'title: maxLength was 200 and is not there; older consumers',
  ],
  ['not empty', { ...fields, email: email.min(1) }, 'email: minLength was not there and is 1; values are stored'],
  [
    'perhaps empty',
    { ...fields, title: z.string().min(0).max(200) },
    'title: minLength was 1 and is 0; older consumers',
  ],
  [
    'from above zero',
    { ...fields, price: z.int().min(1).optional() },
    'price: minimum was 0 and is 1; values are stored',
  ],
  ['more items', { ...fields, lines: z.array(line).min(1).max(200) }, 'lines: maxItems was 100 and is 200; older'],
  [
    'another pattern in a list',
    {
      ...fields,
      lines: z
        .array(line.extend({ itemId: z.string().regex(/^[a-z]+$/) }))
        .min(1)
        .max(100),
    },
    'lines[].itemId: pattern was "^[a-f]+$" and is "^[a-z]+$"',
  ],
  ['a format', { ...fields, email: email.meta({ format: 'email' }) }, 'email: format was not there and is "email"'],
  ['no list', { ...fields, lines: z.string() }, 'lines: type was "array" and is "string"'],
])('%s breaks it', (_name, shape, sentence) => {
  const found = breaksOf('userCreated_v2', before, promised(shape));
  expect(found.some((one) => one.startsWith(`userCreated_v2.data.${sentence}`))).toBe(true);
  const field = sentence.split(/[:[]/)[0] ?? '';
  expect(found.filter((one) => !one.startsWith(`userCreated_v2.data.${field}`))).toEqual([]);
});

test('a type that is gone, and objects that are closed, break it', () => {
  expect(breaksOf('userCreated_v2', before, undefined)).toEqual([
    'userCreated_v2: was removed; events of it are stored',
  ]);
  const closed = withoutAnnotations(jsonSchemaOf(z.object({ data: z.strictObject(fields) })));
  expect(breaksOf('userCreated_v2', before, closed)).toEqual([
    'userCreated_v2.data: additionalProperties was not there and is false',
  ]);
});

test('the same with other words, and a field that may be absent, break nothing', () => {
  const same = { ...fields, email: email.describe('Where mail arrives').meta({ examples: ['ada@example.org'] }) };
  expect(breaksOf('userCreated_v2', before, promised(same))).toEqual([]);
  expect(breaksOf('userCreated_v2', before, promised({ ...fields, added: email.optional() }))).toEqual([]);
});

test('a field that is called like a word of explanation is a field', () => {
  const named = promised({ title: email, description: email });
  expect(breaksOf('t_v1', named, promised({ title: email }))).toHaveLength(1);
});
