// Goal: an operator reads the one word that matters first, and never a figure that nobody knows. Method: a table of what the parts
// say against the state; figures from sources that a test plays.
import type { ProgressReport } from '../../running/index.ts';
import type { ResyncState } from '../resync/resync-ports.ts';
import type { Pause } from './projection-ports.ts';
import { type ProjectionPorts, runningProjection } from './projection-status.ts';

const report = (source: string, state: ProgressReport['state']): ProgressReport => ({
  source,
  foreign: false,
  state,
  detail: `it is ${state}`,
});
const gapOf = (name: string, events: number, isLeast = false): ProjectionPorts['gaps'][number] => ({
  name,
  countedBy: 'documents',
  count: async () => ({ events, isLeast }),
});
const nowMs = 1_000_000;
const paused: Pause = { since: new Date(0), by: 'ops', reason: 'a move' };
const resync: ResyncState = {
  topic: 'a',
  reason: 'lost' as const,
  since: new Date(0),
  done: 5,
  of: 20,
  trouble: undefined,
};

function pauseGateOf(pause: Pause | undefined): ProjectionPorts['pauseGate'] {
  const refuse = () => Promise.reject(new Error('nobody pulls it here'));
  return { name: 'things', current: () => pause, pause: refuse, resume: refuse };
}

function statusWith(ports: Partial<ProjectionPorts>) {
  return runningProjection({
    pauseGate: pauseGateOf(undefined),
    gaps: [gapOf('a', 0), gapOf('b', 0)],
    progress: { reports: () => [report('a', 'caught-up'), report('b', 'caught-up')] },
    watch: { oldestInHand: () => undefined, eventsPerSecond: () => 0 },
    heldCount: async () => 0,
    verifier: { models: () => [] },
    collections: () => new Map(),
    limits: { cachedMs: 0, timeoutMs: 1000 },
    nowMs: () => nowMs,
    ...ports,
  }).status();
}

const reports = (a: ProgressReport['state'], b: ProgressReport['state']) => ({
  progress: { reports: () => [report('a', a), report('b', b)] },
});

test.each<[string, Partial<ProjectionPorts>, string, string]>([
  ['everything arrived', {}, 'running', ''],
  ['something is behind by count only', { gaps: [gapOf('a', 1)] }, 'behind', ''],
  ['a source is behind', reports('unknown', 'behind'), 'behind', 'b: it is behind'],
  ['a source cannot be asked', reports('caught-up', 'unknown'), 'unknown', 'b: it is unknown'],
  ['a source is stalled', reports('behind', 'stalled'), 'stalled', 'b: it is stalled'],
  [
    'a model is rebuilt',
    { ...reports('behind', 'unknown'), rebuilding: () => ['boxes_g2'] },
    ...(['rebuilding', 'boxes_g2'] as const),
  ],
  [
    'a source is stalled while a model is rebuilt',
    { ...reports('behind', 'stalled'), rebuilding: () => ['boxes_g2'] },
    ...(['stalled', 'b: it is stalled'] as const),
  ],
  [
    'it is resynced',
    { ...reports('stalled', 'behind'), resync: { state: () => resync } },
    ...(['resyncing', 'a (lost), 5 of 20 taken in'] as const),
  ],
  [
    'somebody paused it, whatever else it would be',
    { ...reports('stalled', 'behind'), resync: { state: () => resync }, pauseGate: pauseGateOf(paused) },
    ...(['paused', 'since 1970-01-01T00:00:00.000Z by ops: a move'] as const),
  ],
])('%s', async (_name, ports, state, detail) => {
  expect(await statusWith(ports)).toMatchObject({ state, detail });
});

test('gaps are summed; where one is not known, or a bound was met, the sum says so', async () => {
  expect(await statusWith({ gaps: [gapOf('a', 2), gapOf('b', 3)] })).toMatchObject({
    gap: { events: 5, isLeast: false },
  });
  expect(await statusWith({ gaps: [gapOf('a', 2), gapOf('b', 3, true)] })).toMatchObject({
    gap: { events: 5, isLeast: true },
  });
  const away = { ...gapOf('b', 0), count: () => Promise.reject(new Error('no broker')) };
  const { gap, sources } = await statusWith({ gaps: [gapOf('a', 2), away] });
  expect([gap, sources.map((one) => one.gap?.events)]).toEqual([undefined, [2, undefined]]);
});

test('the lag is that of the oldest in hand; 0 only where nothing is behind', async () => {
  const inHand = { oldestInHand: () => new Date(nowMs - 1500), eventsPerSecond: () => 4 };
  expect(await statusWith({ watch: inHand, gaps: [gapOf('a', 1)] })).toMatchObject({ lagMs: 1500, eventsPerSecond: 4 });
  const ofAFasterClock = { ...inHand, oldestInHand: () => new Date(nowMs + 9) };
  expect(await statusWith({ watch: ofAFasterClock })).toMatchObject({ lagMs: 0 });
  expect(await statusWith({})).toMatchObject({ lagMs: 0 });
  expect((await statusWith({ gaps: [gapOf('a', 1)] })).lagMs).toBeUndefined();
});

test('each model is shown with the collection that is read, and when it was proved', async () => {
  const equalAt = new Date(5);
  const { models } = await statusWith({
    verifier: { models: () => [{ name: 'boxes', sourceName: 's', equalAt, doubt: undefined, last: undefined }] },
    collections: () => new Map([['boxes', 'boxes_g2']]),
  });
  expect(models).toEqual([{ name: 'boxes', collection: 'boxes_g2', equalAt, doubt: undefined, last: undefined }]);
});
