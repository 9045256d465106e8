// Goal: whatever is merged, parted, deleted and written late, in whatever order and at once: no event is lost or doubled, nobody
// is two, and everybody can be had back. Method: random programs on user-service's own code over stores in memory, held against
// an oracle that knows only the events; commands at once interleave by chance. `TEST_SEED` sees a run again.
import { figure, testSeed } from '@foldline/shared/testing';
import type { ReadUsers } from '@foldline/user-service/identities';
import { faultOf, type Tally } from './hold.ts';

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

const bends: Readonly<Record<string, (read: ReadUsers) => ReadUsers>> = {
  'the edge of the absorbed is not followed': (read) => async (subjects) =>
    new Map(
      [...(await read(subjects))].map(([subject, reading]) => {
        const { mergedInto: _, ...document } = reading.document ?? {};
        return [subject, { ...reading, document: reading.document && (document as typeof reading.document) }];
      }),
    ),
  'a survivor forgets whom it stands for': (read) => async (subjects) =>
    new Map(
      [...(await read(subjects))].map(([subject, reading]) => {
        const { absorbed: _, ...document } = reading.document ?? {};
        return [subject, { ...reading, document: reading.document && (document as typeof reading.document) }];
      }),
    ),
};

test.each(Object.entries(bends))('the oracle would see it: %s', async (_, bend) => {
  let caught: string | undefined;
  for (let run = 0; run < 50 && caught === undefined; run += 1) caught = await faultOf(seed + run, nothing(), bend);
  expect(caught).toContain('must be');
});
