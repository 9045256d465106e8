// Goal: one declaration of an answer serves both sides: what the route writes strictly the command line reads, also from a newer
// service and from an older one. Method: a declaration with every kind of schema, and every answer that the routes declare.
import { z } from 'zod';
import { instantField } from '../http/fields.ts';
import * as heldAnswers from '../operations/held/held-answers.ts';
import * as projectionAnswers from '../operations/pause/projection-answers.ts';
import * as modelAnswers from '../operations/rebuild/model-answers.ts';
import * as verificationAnswers from '../operations/verification/verification-answers.ts';
import { lenient } from './answers.ts';

const word = z.enum(['running', 'ended']);
const declared = z.strictObject({
  name: z.string(),
  state: word,
  since: instantField,
  endedAt: instantField.nullable(),
  isLast: z.boolean(),
  found: z.record(word, z.int()),
  parts: z.array(z.strictObject({ count: z.int(), of: z.int().nullable().describe('null while nobody knows') })),
});
const time = '2030-01-01T00:00:00.000Z';
const known = {
  name: 'customers',
  state: 'running',
  since: time,
  endedAt: null,
  isLast: true,
  found: { running: 1, ended: 0 },
  parts: [{ count: 1, of: null }],
};

test('what the route writes is read as it travels: an instant stays a text', () => {
  const written = z.encode(declared, { ...known, state: 'running', since: new Date(time) });
  expect(lenient(declared).parse(JSON.parse(JSON.stringify(written)))).toEqual(known);
});

test('a newer service: further keys are kept for -o json, and further words are read', () => {
  const newer = {
    ...known,
    state: 'waiting',
    found: { waiting: 2 },
    size: 7,
    parts: [{ count: 1, of: 2, unit: 'events' }],
  };
  expect(lenient(declared).parse(newer)).toEqual(newer);
});

test('an older service: what may be null may be missing', () => {
  const { endedAt: _, ...older } = known;
  expect(lenient(declared).parse({ ...older, parts: [{ count: 1 }] })).toEqual(known);
});

test.each([
  ['a key that must be there', { name: undefined }],
  ['a text where a number stands', { parts: [{ count: 'many', of: null }] }],
  ['a fraction where events are counted', { parts: [{ count: 1.5, of: null }] }],
  ['null where it is not declared', { state: null }],
])('%s is refused', (_, wrong) => {
  expect(lenient(declared).safeParse({ ...known, ...wrong }).success).toBe(false);
});

test('a kind of schema that it cannot derive is a fault of the program, not a lenient reading', () => {
  expect(() => lenient(z.strictObject({ at: z.date() }))).toThrow('An answer holds date');
});

const answers = { ...heldAnswers, ...modelAnswers, ...projectionAnswers, ...verificationAnswers };
test.each(Object.entries(answers))('%s, as the routes declare it, can be derived', (_, answer) => {
  expect(lenient(answer)).toBeDefined();
});
