// Goal: several models whose events one topic carries are asked for as one, and the trouble of one kind is not that of another.
// Method: origins that answer what a test says.
import { eventOf, newSubject } from '../../testing/index.ts';
import type { Broker } from '../broker.ts';
import type { OpenModel } from '../models.ts';
import { joinedOrigin } from './joined.ts';
import type { Origin, ResyncInto } from './origin.ts';

const [user, group, other] = ['user', 'user-group', 'box'].map((kind) => newSubject(kind)) as [string, string, string];
const fault = new Error('its owner is away');

function ofKind(kind: string, { isAway = false, proven = true, behindMax = 0 } = {}): readonly [OpenModel, Origin] {
  const model = { declaration: { projection: { kind } } } as OpenModel;
  const origin: Pick<Origin, 'topic' | 'foreign' | 'readNext' | 'newest' | 'resync'> = {
    topic: 'user-events',
    foreign: true,
    async readNext(positions) {
      if (isAway) throw fault;
      return [...positions].map(([subject, version]) => eventOf({ subject, version: version + 1 }));
    },
    newest: async () => [{ subject: `${kind}-newest`, version: 1 }],
    resync: () => ({
      topic: 'user-events',
      takeIn: async () => proven,
      ...(behindMax > 0 && { behindMax, overlapMax: behindMax / 2 }),
    }),
  };
  return [model, origin as Origin];
}
const positions = new Map([
  [user, 1],
  [group, 2],
  [other, 3],
]);
const resyncOf = (...models: readonly (readonly [OpenModel, Origin])[]) =>
  joinedOrigin(models).resync([], {} as Broker, {} as ResyncInto);
const begun = { reason: 'new', partitions: [], signal: new AbortController().signal, report() {} } as const;

test('one model is its own origin', () => {
  const [model, origin] = ofKind('user');
  expect(joinedOrigin([[model, origin]])).toBe(origin);
});

test('each subject is asked of the origin of its kind, and one of no kind here has no events', async () => {
  const found = await joinedOrigin([ofKind('user'), ofKind('user-group')]).readNext(positions, 10);
  expect(found.map(({ subject, version }) => [subject, version])).toEqual([
    [user, 2],
    [group, 3],
  ]);
});

test('the newest event of each kind is told', async () => {
  const newest = await joinedOrigin([ofKind('user'), ofKind('user-group')]).newest();
  expect(newest.map(({ subject }) => subject)).toEqual(['user-newest', 'user-group-newest']);
});

test('an origin that is away fails its own subjects only, and all where nobody listens or nobody else is asked', async () => {
  const joined = joinedOrigin([ofKind('user'), ofKind('user-group', { isAway: true })]);
  const failed: [string, unknown][] = [];
  const some = new Map([...positions].slice(0, 2));
  const found = await joined.readNext(some, 10, (...one) => void failed.push(one));
  expect([found.map(({ subject }) => subject), failed]).toEqual([[user], [[group, fault]]]);
  await expect(joined.readNext(some, 10)).rejects.toBe(fault);
  await expect(joined.readNext(new Map([[group, 1]]), 10, () => {})).rejects.toBe(fault);
});

test('a resync is proven when that of each model is, and begins as early as the most careful one wants', async () => {
  const careful = resyncOf(ofKind('user', { behindMax: 100 }), ofKind('user-group', { behindMax: 40 }));
  expect([careful.behindMax, careful.overlapMax]).toEqual([40, 50]);
  expect(await careful.takeIn(begun)).toBe(true);
  expect(await resyncOf(ofKind('user'), ofKind('user-group', { proven: false })).takeIn(begun)).toBe(false);
  expect(resyncOf(ofKind('user'), ofKind('user-group'))).not.toHaveProperty('behindMax');
});
