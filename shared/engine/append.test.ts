// Goal: what every store checks before it stores: a size, versions that follow each other, and time that runs forwards.
import { eventOf, eventsOf, newSubject } from '../testing/index.ts';
import { checkMembers, inTimeOrder } from './execute.ts';

const [one, other] = [newSubject('thing'), newSubject('thing')];

test('several subjects may be mixed, each in its own order', () => {
  const members = [
    eventOf({ subject: one, version: 3 }),
    eventOf({ subject: other, version: 1 }),
    eventOf({ subject: one, version: 4 }),
  ];
  expect(() => checkMembers(members, 10, () => 10)).not.toThrow();
  expect(() => checkMembers(members.toReversed(), 10, () => 10)).toThrow('does not follow');
  expect(() => checkMembers(members, 9, () => 10)).toThrow(expect.objectContaining({ code: 'too-large' }));
});

test('text that no consumer could fold is refused, naming the event and the field', () => {
  const subject = newSubject('thing');
  for (const lost of [{ data: { name: 'A\ufffd' } }, { data: { at: { '\ud800': 1 } } }, { correlationid: '\ufffd' }]) {
    const refused = { code: 'invalid-request', message: expect.stringMatching(/data\.name|data\.at|correlationid/) };
    const member = eventOf({ subject, version: 1, ...lost });
    expect(() => checkMembers([member], 10, () => 10)).toThrow(expect.objectContaining(refused));
  }
});

test('time is raised to the predecessor’s, inside the members as from before them, each subject by itself', () => {
  const at = (ms: number) => ({ time: new Date(ms) });
  const members = [...eventsOf(one, [at(5), at(20), at(10)], 2), ...eventsOf(other, [at(1)])];
  const placed = inTimeOrder(members, new Map([[one, new Date(8)]]));
  expect(placed.map(({ time }) => time.getTime())).toEqual([8, 20, 20, 1]);
  expect(placed[1]).toBe(members[1]);
});
