// For the tests of the verifier: the real projector on in-memory ports, and a source folded from a list of events.
import {
  inMemoryCompleteness,
  inMemoryCopies,
  inMemoryDocuments,
  inMemoryHeldSubjects,
} from '../../../adapters/in-memory/index.ts';
import {
  createProjector,
  Failure,
  fold,
  type ProjectedDocument,
  readModel,
  type StoredDocument,
  type StoredEvent,
} from '../../../engine/index.ts';
import { createFeedGate } from '../../../running/index.ts';
import { eventsOf, newSubject, testIds } from '../../../testing/index.ts';
import { boxProjection, thingProjection } from '../../../testing/workspace/thing.ts';
import type { Generation } from '../../rebuild/model-record.ts';
import { bucketDigestsOf, bucketOf } from '../buckets.ts';
import { entryOf, wholeForm } from '../content.ts';
import type { Verification } from '../verification.ts';
import type { ComparedModel, ComparedSide } from '../verification-ports.ts';
import { createVerifier, type VerifierLimits } from '../verifier.ts';

export const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });
export const put = { type: 'thingPutIntoBox_v1', data: { boxId: '018f0000-0000-7000-8000-000000000001' } };
export const limits: VerifierLimits = {
  findingsMax: 50,
  removalsMax: 3,
  keptMax: 2,
  everyMs: 0,
  dutyPercent: 100,
  repairsByItself: false,
  scanPauseMs: 0,
  restMaxMs: 3_600_000,
};

/** @param other a generation beside the live one */
export function world(given: Partial<VerifierLimits> = {}, other?: Generation) {
  const all = new Map<string, StoredDocument>();
  const boxes = new Map<string, StoredDocument>();
  const model = readModel(thingProjection, inMemoryDocuments([], all));
  const models = [readModel(boxProjection, inMemoryDocuments([], boxes)), model];
  const held = inMemoryHeldSubjects();
  const log = { info() {}, warn() {}, error() {} };
  const projector = createProjector({ models, held, clock: { now: () => new Date() }, log });
  const events = new Map<string, StoredEvent[]>();
  const state: { busy?: string; arrives?: boolean } & Record<'paused' | 'down' | 'named', boolean> &
    Record<'givenMax' | 'applied' | 'answers', number> = {
    paused: false,
    down: false,
    givenMax: 1000,
    applied: 0,
    named: false,
    answers: 1000,
  };
  /** What happens between the two looks, and between finding and repairing. */
  const between: { looks?: () => Promise<void>; repair?: () => Promise<void> } = {};

  const apply: ComparedModel['apply'] = (items) => {
    state.applied += items.length;
    return projector.apply(items);
  };
  const deliver = (subject: string, upTo = 1000) =>
    apply(
      (events.get(subject) ?? [])
        .filter(({ version }) => version <= upTo)
        .map((event) => ({ source: 'test', position: event.id, event })),
    );
  const entries = () =>
    [...events.values()].flatMap((own) => {
      const { document } = fold(thingProjection, undefined, own);
      return document ? [entryOf(wholeForm, document)] : [];
    });
  const answering = async () => {
    if (state.down) throw new Failure('overloaded', 'the owner of things does not answer');
  };
  const source: ComparedSide = {
    async digests(bits, { scanned }) {
      await answering();
      await scanned?.(events.size);
      return bucketDigestsOf(bits, entries());
    },
    async entries(bits, buckets) {
      await answering();
      return entries().filter(({ subject }) => buckets.includes(bucketOf(subject, bits)));
    },
  };
  const gate = createFeedGate();
  const pauseGate = {
    isPaused: () => state.paused,
    assertRunning() {
      if (state.paused) throw new Failure('projection-paused', 'it is paused');
    },
  };
  const compared: ComparedModel = {
    model,
    generations: () => ({ live: 'things', other }),
    sourceName: 'a list',
    form: wholeForm,
    source,
    apply,
    gate,
    held: {
      ...held,
      async among(keys) {
        await between.repair?.();
        return held.among(keys);
      },
    },
    copies: inMemoryCopies(all, thingProjection, wholeForm),
    owner: {
      async readNext(positions, _eachMax, failed) {
        if (state.down) throw new Failure('overloaded', 'the owner of things does not answer');
        if (state.answers === 0) {
          for (const subject of positions.keys()) failed?.(subject, new Error('no answer in time'));
          return [];
        }
        state.answers -= 1;
        return [...positions].flatMap(([subject, version]) =>
          (events.get(subject) ?? []).filter((one) => one.version > version).slice(0, state.givenMax),
        );
      },
    },
    async arrived() {
      await between.looks?.();
      return state.arrives;
    },
    isNamed: async () => state.named,
  };
  const completeness = inMemoryCompleteness();
  const opened = (own: Partial<VerifierLimits>) =>
    createVerifier({
      models: [compared],
      completeness,
      busy: () => state.busy,
      pauseGate,
      clock: { now: () => new Date() },
      ids: testIds(),
      log,
      limits: { ...limits, ...own },
    });
  const verifier = opened(given);
  const ended = async (verification: Verification) => {
    while (verification.state === 'running') await new Promise((resolve) => setTimeout(resolve, 1));
    return verification;
  };
  return {
    all,
    boxes,
    events,
    held,
    state,
    between,
    deliver,
    verifier,
    completeness,
    /** Of another process, which verifies when it is asked only. */
    another: () => opened({}),
    gate,
    /** A thing with three events, and its copy. */
    async thing(...parts: { type: string; data: object }[]) {
      const subject = newSubject('thing');
      const list = parts.length > 0 ? parts : [named('a'), named('b'), put];
      events.set(subject, eventsOf(subject, list as never));
      await deliver(subject);
      return subject;
    },
    at: (subject: string) => all.get(subject) as ProjectedDocument,
    byHand: (subject: string, change: object) => void all.set(subject, { ...all.get(subject), ...change } as never),
    verify: (repair = false) => ended(verifier.start('things', repair)),
    snapshot: () => structuredClone([...all].sort()),
  };
}
