// Goal: whatever is merged, parted, deleted and written late, in whatever order and at once: no event is lost or doubled, nobody
// is two, and everybody can be had back. Method: random programs on user-service's own code over stores in memory, held against
// an oracle that knows only the events; commands at once interleave by chance. `TEST_SEED` sees a run again.

import type { StoredEvent } from 'foldline/engine';
import { figure, testSeed } from 'foldline/testing/workspace';
import { type Bend, faultOf, type Tally } from './hold.ts';

const runs = figure({ usual: 200, full: 20_000 });
const seed = testSeed();
const nothing = (): Tally => ({ merged: 0, retracted: 0, refused: 0, raced: 0 });

test(`the oracle agrees in ${runs} programs, and every hazard was met`, async () => {
  const tally = nothing();
  for (let run = 0; run < runs; run += 1) {
    const fault = await faultOf(seed + run, tally);
    if (fault) throw new Error(fault);
  }
  for (const met of Object.values(tally)) expect(met).toBeGreaterThan(runs / 2);
}, 3_600_000);

type Document = Record<string, unknown>;
const without =
  (field: string): Bend['read'] =>
  (read) =>
  async (subjects) =>
    new Map(
      [...(await read(subjects))].map(([subject, reading]) => {
        const { [field]: _, ...rest } = (reading.document ?? {}) as Document;
        return [subject, { ...reading, document: reading.document && (rest as unknown as typeof reading.document) }];
      }),
    );

const bends: Readonly<Record<string, Bend>> = {
  'the edge of the absorbed is not followed': { read: without('mergedInto') },
  'a survivor forgets whom it stands for': { read: without('absorbed') },
  'only one side of a merge is written': {
    store: (store) => ({ ...store, append: (events) => store.append(events.slice(0, 1)) }),
  },
  'the version that was expected is not looked at': {
    store: (store) => ({
      ...store,
      async append(events) {
        const heads = await store.heads(events.map(({ subject }) => subject));
        return store.append(events.map((event) => ({ ...event, version: (heads.get(event.subject) ?? 0) + 1 })));
      },
    }),
  },
  'an event is written twice': {
    store: (store) => ({
      ...store,
      async append(events) {
        const result = await store.append(events);
        const [{ claims: _, ...first }] = events as [StoredEvent];
        if (result.kind === 'stored') await store.append([{ ...first, version: first.version + 1 }]);
        return result;
      },
    }),
  },
};

test.each(Object.entries(bends))('the oracle would see it: %s', async (_, bend) => {
  let caught: string | undefined;
  for (let run = 0; run < 200 && caught === undefined; run += 1) caught = await faultOf(seed + run, nothing(), bend);
  expect(caught).toContain('TEST_SEED');
});
