// What every origin of a model's events must do, whether the events are in a store of the service or are asked for over HTTP: give what a
// document lacks, tell the newest event, stand as the source of a comparison, fill a generation, and take the place of the topic.
import type { Collection, Document } from 'mongodb';
import { type FeedItem, fold, groupBy, kindOf, type ProjectedDocument, type StoredEvent } from '../../engine/index.ts';
import {
  bucketDigestsOf,
  bucketOf,
  type DigestEntry,
  entryOf,
  type Scan,
  type TopicResync,
} from '../../operations/index.ts';
import { eventOf, newSubject } from '../../testing/index.ts';
import type { Broker } from '../broker.ts';
import type { OpenModel } from '../models.ts';
import type { Origin, TopicOrigin } from '../origins/origin.ts';

export interface OpenOrigin {
  /** Of a model of things, whose documents no feed writes. */
  readonly model: OpenModel;
  readonly origin: Origin;
  /** What all models of the topic have in common. */
  readonly ofTopic: TopicOrigin;
  readonly models: readonly OpenModel[];
  /** The events behind the origin, where also `thing-group` is kept; through a client that checks nothing. */
  readonly events: Collection<Document>;
  close(): Promise<void>;
}

const named = (subject: string, version: number, name = `name ${version}`) =>
  eventOf({ subject, version, type: 'thingNamed_v1', data: { name } });
const lifeOf = (subject: string, versions: number) => Array.from({ length: versions }, (_, i) => named(subject, i + 1));
const thing = () => newSubject('thing');
const group = () => newSubject('thing-group');
const scan: Scan = { signal: new AbortController().signal };
const bits = 3;
const allBuckets = Array.from({ length: 2 ** bits }, (_, i) => i);

export function originContract(name: string, open: () => Promise<OpenOrigin>): void {
  describe(`origin: ${name}`, () => {
    let it: OpenOrigin;
    beforeAll(async () => {
      it = await open();
    });
    afterAll(() => it.close());

    const broken: string[] = [];
    /** A thing whose events are taken away after the test: nobody could fold them. */
    function brokenThing(): string {
      broken.push(thing());
      return broken.at(-1) as string;
    }
    afterEach(async () => {
      await it.events.deleteMany({ subject: { $in: broken.splice(0) } });
    });

    const insert = (...events: readonly StoredEvent[]) =>
      it.events.insertMany(
        events.map((event) => ({ ...event })),
        { bypassDocumentValidation: true },
      );
    const shown = (events: readonly StoredEvent[]) =>
      events.map(({ subject, version, id, type, time, data }) => ({ subject, version, id, type, time, data }));
    const ofSubject = (events: readonly StoredEvent[], wanted: string) =>
      shown(events.filter(({ subject }) => subject === wanted));
    const versionsOf = (events: readonly StoredEvent[], wanted: string) =>
      ofSubject(events, wanted).map(({ version }) => version);

    /** What the events of one thing make, as far as they are whole. */
    function documentOf(events: readonly StoredEvent[]): ProjectedDocument {
      return fold(it.model.model.projection, undefined, events).document as ProjectedDocument;
    }
    /** Of all things that are stored. Tests with events that nobody can fold remove these at their end. */
    async function documents(): Promise<ProjectedDocument[]> {
      const stored = await it.events.find({}, { sort: { subject: 1, version: 1 }, projection: { _id: 0 } }).toArray();
      const things = (stored as unknown as StoredEvent[]).filter(({ subject }) => kindOf(subject) === 'thing');
      return [...groupBy(things, ({ subject }) => subject).values()].map(documentOf);
    }
    const comparison = () => it.origin.comparison(it.model.model.projection);
    const entry = (document: ProjectedDocument): DigestEntry => entryOf(comparison().form, document);
    const inOrder = (entries: readonly DigestEntry[]) => [...entries].sort((a, b) => (a.subject < b.subject ? -1 : 1));
    const entryIn = async (subject: string) =>
      (await comparison().source.entries(bits, [bucketOf(subject, bits)], scan)).find((one) => one.subject === subject);

    test('the next events of several subjects, in order, as many of each as are wanted', async () => {
      const [one, two] = [thing(), thing()];
      const [ofOne, ofTwo] = [lifeOf(one, 5), lifeOf(two, 5)];
      await insert(...ofOne, ...ofTwo);
      const wanted = new Map([
        [one, 0],
        [two, 3],
        [thing(), 0],
      ]);
      const found = await it.origin.readNext(wanted, 3);
      expect(ofSubject(found, one)).toEqual(shown(ofOne.slice(0, 3)));
      expect(ofSubject(found, two)).toEqual(shown(ofTwo.slice(3)));
      expect(found).toHaveLength(5);
      expect(await it.origin.readNext(new Map([[one, 5]]), 3)).toEqual([]);
      expect(await it.origin.readNext(new Map(), 3)).toEqual([]);
    });

    test('a hole is no end: what lies after the hole is given', async () => {
      const subject = thing();
      await insert(named(subject, 1), named(subject, 3));
      expect(versionsOf(await it.origin.readNext(new Map([[subject, 1]]), 10), subject)).toEqual([3]);
      await insert(named(subject, 2));
      expect(versionsOf(await it.origin.readNext(new Map([[subject, 1]]), 10), subject)).toEqual([2, 3]);
    });

    test('a long life is given over several pages', async () => {
      const subject = thing();
      await insert(...lifeOf(subject, 450));
      const found = await it.origin.readNext(new Map([[subject, 7]]), 1000);
      expect(versionsOf(found, subject)).toEqual(Array.from({ length: 443 }, (_, i) => i + 8));
      const some = await it.origin.readNext(new Map([[subject, 0]]), 250);
      expect(versionsOf(some, subject)).toEqual(Array.from({ length: 250 }, (_, i) => i + 1));
    });

    test('subjects of another kind of the same topic are asked for in one question', async () => {
      const [one, other] = [thing(), group()];
      await insert(named(one, 1), named(other, 1), named(other, 2));
      const wanted = new Map([
        [one, 0],
        [other, 1],
      ]);
      const found = await it.ofTopic.readNext(wanted, 10);
      expect([versionsOf(found, one), versionsOf(found, other)]).toEqual([[1], [2]]);
    });

    test('the newest events are told, and not what no reader can fold', async () => {
      const [one, other] = [thing(), group()];
      await insert(named(other, 1));
      await insert(named(one, 1));
      expect(await it.origin.newest()).toEqual([{ subject: one, version: 1 }]);
      expect(await it.ofTopic.newest()).toContainEqual({ subject: one, version: 1 });
      await insert({ ...named(brokenThing(), 1), version: '1' } as unknown as StoredEvent);
      expect(await it.origin.newest()).toEqual([{ subject: one, version: 1 }]);
    });

    test('the source of a comparison is what the events make of every thing, in digests and in entries', async () => {
      await insert(...Array.from({ length: 40 }, thing).flatMap((subject) => lifeOf(subject, 3)), named(group(), 1));
      const expected = (await documents()).map(entry);
      expect(expected.length).toBeGreaterThan(40);
      const counted: number[] = [];
      const counting = { ...scan, scanned: async (count: number) => void counted.push(count) };
      const found = await comparison().source.digests(bits, counting);
      const right = bucketDigestsOf(bits, expected);
      expect(found).toMatchObject({ bits: right.bits, documents: right.documents });
      expect(Object.fromEntries(found.buckets)).toEqual(Object.fromEntries(right.buckets));
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(expected.length);
      expect(inOrder(await comparison().source.entries(bits, allBuckets, scan))).toEqual(inOrder(expected));
      const some = expected.filter(({ subject }) => [1, 6].includes(bucketOf(subject, bits)));
      expect(inOrder(await comparison().source.entries(bits, [1, 6], scan))).toEqual(inOrder(some));
      expect(await comparison().source.entries(bits, [], scan)).toEqual([]);
    });

    test('an event that was changed or taken away in the store shows in the entry of its thing', async () => {
      const subject = brokenThing();
      const life = lifeOf(subject, 3);
      await insert(...life);
      expect(await entryIn(subject)).toEqual(entry(documentOf(life)));
      await it.events.updateOne({ subject, version: 3 }, { $set: { 'data.name': 'by hand' } });
      const changed = [...life.slice(0, 2), named(subject, 3, 'by hand')].map((event, i) => ({
        ...event,
        id: life[i]?.id as string,
      }));
      expect(await entryIn(subject)).toEqual(entry(documentOf(changed)));
      await it.events.deleteOne({ subject, version: 2 });
      expect(await entryIn(subject)).toEqual(entry(documentOf(life.slice(0, 1))));
      await it.events.deleteMany({ subject });
      expect(await entryIn(subject)).toBeUndefined();
    });

    test.each([
      ['its text is lost', { data: { name: 'lo\uFFFDst' } }],
      ['its version is a text', { version: '2' }],
      ['it has no id', { id: undefined }],
      ['it has no type', { type: undefined }],
      ['its data is a text', { data: 'none' }],
    ])('hazard: an event of which %s ends the life of its thing there, and of no other', async (_, fields) => {
      const [subject, next] = [brokenThing(), thing()];
      const first = named(subject, 1);
      const others = lifeOf(next, 2);
      await insert(first, { ...named(subject, 2), ...fields } as StoredEvent, named(subject, 3), ...others);
      expect(await entryIn(subject)).toEqual(entry(documentOf([first])));
      expect(await entryIn(next)).toEqual(entry(documentOf(others)));
    });

    test('what a generation can be filled from makes every thing, and nothing else', async () => {
      const sources = it.origin.sources(it.model);
      expect(sources.length).toBeGreaterThan(0);
      await insert(...lifeOf(thing(), 250));
      for (const [i, { unusable, backfill }] of sources.entries()) {
        const { documents: into, prepare } = it.model.generation(`filled_${i}`);
        await prepare();
        const reports: number[] = [];
        expect(await unusable()).toBeUndefined();
        await backfill(into, { signal: scan.signal, report: (done) => void reports.push(done) });
        const expected = await documents();
        const found = await into.read([...expected.map(({ _id }) => _id)]);
        expect([...found.values()].sort((a, b) => (a._id < b._id ? -1 : 1))).toEqual(expected);
        expect(reports.at(-1)).toBeGreaterThanOrEqual(expected.reduce((sum, { version }) => sum + version, 0));
      }
    });

    test('in place of the topic it brings each event of each kind, in order inside a subject', async () => {
      const [one, other] = [thing(), group()];
      await insert(...lifeOf(one, 201), ...lifeOf(other, 2));
      const items: FeedItem[] = [];
      const resync = it.ofTopic.resync(it.models, noBroker, {
        handle: async (batch) => void items.push(...batch),
        reached() {},
      });
      const reports: number[] = [];
      const begun: Parameters<TopicResync['takeIn']>[0] = {
        reason: 'new',
        partitions: [],
        signal: scan.signal,
        report: (done) => void reports.push(done),
      };
      expect([resync.topic, await resync.takeIn(begun)]).toEqual([it.ofTopic.topic, true]);
      const events = items.flatMap((item) => ('event' in item ? [item.event] : []));
      const stored = await it.events.find({}, { sort: { subject: 1, version: 1 }, projection: { _id: 0 } }).toArray();
      const bySubject = groupBy(stored as unknown as StoredEvent[], ({ subject }) => subject);
      for (const [subject, all] of bySubject) expect(ofSubject(events, subject)).toEqual(shown(all));
      expect(events).toHaveLength(stored.length);
      expect(new Set(items.map(({ source }) => source))).toEqual(new Set([it.ofTopic.topic]));
      expect(reports.length).toBeGreaterThan(0);
    });

    test('it ends when it is told to', async () => {
      const ended = AbortSignal.abort(new Error('told to end'));
      await expect(comparison().source.entries(bits, allBuckets, { signal: ended })).rejects.toThrow();
      await expect(comparison().source.digests(bits, { signal: ended })).rejects.toThrow();
    });
  });
}

/** Where no snapshots are published nothing is asked of the broker. */
const noBroker = new Proxy({} as Broker, {
  get(_, name) {
    throw new Error(`the broker was asked for ${String(name)}`);
  },
});
