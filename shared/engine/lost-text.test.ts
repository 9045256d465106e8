// Goal: text that was lost is found wherever it stands in an event, is named by its field in few words, and no other text is.
// Method: values of every shape, as a topic or a store may bring them.
import { eventOf } from '../testing/index.ts';
import { lostTextIn, lostTextOf, withoutLostText } from './lost-text.ts';

const loss = 'holds U+FFFD, a lone surrogate or invalid UTF-8, so that its text is lost';
const bytes = { buffer: new Uint8Array(3), at: new Date(0), none: null, many: [1, true] };

test.each<[string, object, string]>([
  ['a text', { name: 'A\ufffd' }, `name ${loss}`],
  ['half a pair', { name: 'A\ud83d' }, `name ${loss}`],
  ['the other half', { name: '\udc00A' }, `name ${loss}`],
  ['a nested text', { lines: [{ title: 'x' }, { title: '\ufffd' }] }, `lines.1.title ${loss}`],
  ['a key', { 'na\ufffdme': 1 }, `a key ${loss}`],
  ['a nested key', { properties: { '\ud800': null } }, `a key in properties ${loss}`],
  ['a text beside bytes', { ...bytes, name: '\ufffd' }, `name ${loss}`],
])('%s is found', (_, value, expected) => {
  expect(lostTextIn(value)).toBe(expected);
});

test.each<[string, object]>([
  ['nothing', {}],
  ['text of any language', { name: 'Ada é 😀 \u{10ffff} \ufffc' }],
  ['values that hold no text', bytes],
])('%s is read', (_, value) => {
  expect(lostTextIn(value)).toBeUndefined();
});

test('the free texts of an envelope count, and what the store says of its bytes comes first', () => {
  const event = eventOf({ subject: `thing-${crypto.randomUUID()}` });
  expect(lostTextOf(event)).toBeUndefined();
  for (const field of ['source', 'correlationid', 'causationid'])
    expect(lostTextOf({ ...event, [field]: '\ufffd' })).toBe(`${field} ${loss}`);
  expect(lostTextOf({ ...event, source: '\ufffd', unreadable: 'why' })).toBe('why');
});

test('a value of great depth and long keys is walked, and named in few words', () => {
  let deep: object = { end: '\ufffd' };
  for (let i = 0; i < 200_000; i += 1) deep = i % 2 === 0 ? [deep] : { ['k'.repeat(100)]: deep };
  const found = lostTextIn(deep) as string;
  expect(found).toContain(loss);
  expect(found.length).toBeLessThan(400);
});

test('a reason that somebody else wrote is kept as far as it can be read', () => {
  expect(withoutLostText('it answered \ufffd\ud800, 😀')).toBe('it answered ??, 😀');
});
