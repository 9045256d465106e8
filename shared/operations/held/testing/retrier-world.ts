// For the tests of the retrier: the real projector and retrier on in-memory ports; the owner is a store that can be stopped.
import { inMemoryDocuments, inMemoryHeldSubjects } from '../../../adapters/in-memory/index.ts';
import {
  createProjector,
  Failure,
  type FeedItem,
  type Held,
  type HeldSubjects,
  type StoredEvent,
} from '../../../engine/index.ts';
import { boxProjection, thingProjection } from '../../../testing/workspace/thing.ts';
import { createRetrier } from '../retrier.ts';
import type { HeldPages, Owner, Retrier, RetrierLimits } from '../retry-ports.ts';

export const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });
export const ofLaterVersion = { type: 'thingNamed_v3' };
export const limits: RetrierLimits = {
  batchSubjectsMax: 3,
  batchEventsMax: 3000,
  trackedMax: 100,
  lookEveryMs: 20,
  retryInitialMs: 2,
  retryMsMax: 8,
  ownerRetryMsMax: 4,
};

export function pagesOf(held: HeldSubjects): HeldPages {
  const after = async (key: string | undefined) => (await held.list(1e6)).filter((one) => !key || one.key > key);
  return {
    after: async (key, limit) => (await after(key)).slice(0, limit),
    countAfter: async (key) => (await after(key)).length,
  };
}

export function world(given: Partial<RetrierLimits> = {}) {
  const things = inMemoryDocuments();
  const models = [
    { projection: boxProjection, documents: inMemoryDocuments() },
    { projection: thingProjection, documents: things },
  ];
  const held = inMemoryHeldSubjects();
  const clock = { now: () => new Date() };
  const warnings: string[] = [];
  const log = { info() {}, warn: (_: object, message: string) => void warnings.push(message), error() {} };
  const projector = createProjector({ models, held, clock, log });
  /** What the owner has, by subject; questions are noted with the subjects they asked for. */
  const stored = new Map<string, readonly StoredEvent[]>();
  const asked: string[][] = [];
  const state = { stopped: false, failing: '', givenMax: 1000, runs: 0, runsMax: 0 };
  const owner: Owner = {
    async readNext(positions, eachMax, failed) {
      asked.push([...positions.keys()]);
      state.runs += 1;
      state.runsMax = Math.max(state.runsMax, state.runs);
      await new Promise((resolve) => setTimeout(resolve, 2));
      state.runs -= 1;
      if (state.stopped) throw new Failure('overloaded', 'the owner does not answer');
      return [...positions].flatMap(([key, version]) => {
        if (key === state.failing) failed?.(key, new Failure('overloaded', `the owner fails at ${key}`));
        if (key === state.failing) return [];
        return (stored.get(key) ?? [])
          .filter((one) => one.version > version)
          .slice(0, Math.min(eachMax, state.givenMax));
      });
    },
  };
  const open: Retrier[] = [];
  const tried: (readonly [number, number])[] = [];
  function retrier(): Retrier {
    const made = createRetrier({
      models,
      held,
      clock,
      log,
      pages: pagesOf(held),
      apply: projector.apply,
      ownerOf: (subject) => (subject.startsWith('thing-') ? owner : undefined),
      limits: { ...limits, ...given },
      tried: (subjects, released) => tried.push([subjects, released]),
    });
    open.push(made);
    return made;
  }
  const items = (events: readonly StoredEvent[]): FeedItem[] =>
    events.map((event, i) => ({ source: 'events', position: `events/0@${i}`, event }));
  return {
    held,
    stored,
    asked,
    state,
    warnings,
    tried,
    retrier,
    things,
    /** As the feed does: a batch, then the retrier hears of what it held. */
    async feed(events: readonly StoredEvent[], told?: Retrier) {
      told?.noticed((await projector.apply(items(events))).held);
      if (!told) await projector.apply(items(events));
    },
    holdPlace: (key: string) =>
      projector.apply([{ source: 'events', position: key, unreadable: 'the value is no JSON' }]),
    versionOf: async (key: string) => (await things.read([key])).get(key)?.version ?? 0,
    entry: async (key: string) => (await held.among([key])).get(key) as Held,
    closeAll: () => Promise.all(open.map((one) => one.close())),
  };
}
