// Goal: a verification says nothing of a collection that it did not look at, and a repair never repairs one of two. Method: a verifier on
// in-memory copies of two generations, whose pointer is moved by hand before, while and after it looks.
import { inMemoryCompleteness, inMemoryCopies, inMemoryDocuments } from '../../adapters/in-memory/index.ts';
import { fold, type ProjectedDocument, readModel, type StoredDocument, type StoredEvent } from '../../engine/index.ts';
import { createFeedGate } from '../../running/index.ts';
import { eventsOf, newSubject, testIds } from '../../testing/index.ts';
import { thingProjection } from '../../testing/workspace/thing.ts';
import type { Generation } from '../rebuild/model-record.ts';
import { bucketDigestsOf, bucketOf } from './buckets.ts';
import { entryOf, wholeForm } from './content.ts';
import type { Verification } from './verification.ts';
import type { ComparedModel } from './verification-ports.ts';
import { createVerifier } from './verifier.ts';

const following: Generation = { name: 'things_g2', state: 'following', since: new Date(0), former: false };
const limits = {
  findingsMax: 9,
  removalsMax: 9,
  keptMax: 9,
  everyMs: 0,
  dutyPercent: 100,
  repairsByItself: false,
  scanPauseMs: 0,
  restMaxMs: 0,
};

/** One thing, and its damaged copy. */
function world() {
  const events = eventsOf(newSubject('thing'), [{ type: 'thingNamed_v2', data: { name: 'a' } }]) as StoredEvent[];
  const right = fold(thingProjection, undefined, events).document as ProjectedDocument;
  const damaged = { ...right, data: { name: 'by hand' } };
  const all = new Map<string, StoredDocument>([[right._id, damaged]]);
  const generations: { live: string; other: Generation | undefined } = { live: 'things', other: undefined };
  const entries = [entryOf(wholeForm, right)];
  const on: { looking?: () => void; repairing?: () => void } = {};
  const compared: ComparedModel = {
    model: readModel(thingProjection, inMemoryDocuments([], all)),
    generations: () => generations,
    sourceName: 'a list',
    form: wholeForm,
    gate: createFeedGate(),
    copies: inMemoryCopies(all, thingProjection, wholeForm),
    source: {
      async digests(bits) {
        on.looking?.();
        return bucketDigestsOf(bits, entries);
      },
      entries: async (bits, buckets) => entries.filter(({ subject }) => buckets.includes(bucketOf(subject, bits))),
    },
    owner: {
      async readNext(positions) {
        on.repairing?.();
        return events.filter(({ subject, version }) => version > (positions.get(subject) ?? 0));
      },
    },
    held: { among: async () => new Map(), release: async () => undefined },
    apply: async () => ({ versions: new Map(), held: [] }) as never,
    arrived: async () => undefined,
  };
  const log = { info() {}, warn() {}, error() {} };
  const verifier = createVerifier({
    completeness: inMemoryCompleteness(),
    models: [compared],
    clock: { now: () => new Date() },
    ids: testIds(),
    log,
    limits,
  });
  async function verify(repair = false): Promise<Verification> {
    const verification = verifier.start('things', repair);
    while (verification.state === 'running') await new Promise((resolve) => setTimeout(resolve, 1));
    return verification;
  }
  const repair = () => all.set(right._id, right);
  return { all, damaged, generations, repair, on, right, verifier, verify };
}

test('hazard: a repair changes the live generation alone, and the next switch brings the damage back: it is refused', async () => {
  const { all, damaged, generations, right, verifier, verify } = world();
  generations.other = following;
  const refusal = {
    code: 'rebuild-refused',
    message:
      'A repair changes the live generation things only, and things also has things_g2. Discard things_g2 first (rebuild discard things, in the admin command line), or switch to it and discard things.',
  };
  expect(() => verifier.start('things', true)).toThrow(expect.objectContaining(refusal));
  expect((await verify()).state).toBe('different');
  expect([...all.values()]).toEqual([damaged]);
  generations.other = undefined;
  expect((await verify(true)).state).toBe('repaired');
  expect([...all.values()]).toEqual([right]);
});

test('a generation that is begun while a repair looks keeps it from writing, and it says so', async () => {
  const { all, damaged, generations, on, verify } = world();
  on.repairing = () => {
    generations.other = following;
  };
  expect(await verify(true)).toMatchObject({ state: 'failed', detail: expect.stringContaining('Discard things_g2') });
  expect([...all.values()]).toEqual([damaged]);
});

test('hazard: a collection that was never proved is shown as equal, because the one before it was', async () => {
  const { generations, repair, verifier, verify } = world();
  repair();
  const ended = await verify();
  expect(verifier.models()).toMatchObject([{ equalAt: ended.startedAt, last: { state: 'equal' } }]);
  generations.live = 'things_g2';
  expect(verifier.models()).toMatchObject([{ equalAt: undefined, last: undefined }]);
  generations.live = 'things';
  expect(verifier.models()).toMatchObject([{ equalAt: ended.startedAt }]);
});

test('hazard: a switch while it looks makes it a verification of neither: it failed, and says why', async () => {
  const { generations, repair, on, verifier, verify } = world();
  repair();
  await verify();
  on.looking = () => {
    generations.live = 'things_g2';
  };
  const detail = 'the live collection changed from things to things_g2: verify again';
  expect(await verify()).toMatchObject({ state: 'failed', detail });
  expect(verifier.models()).toMatchObject([{ equalAt: undefined, last: { state: 'failed' } }]);
  expect((await verify()).state).toBe('equal');
});
