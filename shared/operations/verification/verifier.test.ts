// Goal: a verification names exactly what differs, changes nothing unless it is told to, and repairs what it found without undoing what
// happened meanwhile. Method: the real projector on in-memory ports, a source folded from a list of events, and tampering by hand.
import type { ProjectedDocument } from '../../engine/index.ts';
import { eventsOf, newSubject } from '../../testing/index.ts';
import { named, world } from './testing/verifier-world.ts';
import type { Verification } from './verification.ts';

let it: ReturnType<typeof world>;
afterEach(() => it.verifier.close());

const found = ({ findings }: Verification) =>
  Object.fromEntries(findings.map(({ subject, kind }) => [subject, kind] as const));

/** Each kind once, by hand. */
async function tampered() {
  it = world();
  for (let i = 0; i < 200; i += 1) await it.thing();
  const subjects = await Promise.all(Array.from({ length: 6 }, () => it.thing()));
  const [different, missing, behind, ahead, forked, untouched] = subjects as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const right = it.snapshot();
  const extra = newSubject('thing');
  it.byHand(different, { data: { name: 'by hand', boxId: '' } });
  it.all.delete(missing);
  it.all.delete(behind);
  await it.deliver(behind, 2);
  it.byHand(ahead, { version: 7 });
  it.byHand(forked, { eventsDigest: 'f'.repeat(64) });
  it.all.set(extra, { ...it.at(untouched), _id: extra });
  return {
    right,
    extra,
    kinds: {
      [different]: 'different',
      [missing]: 'missing',
      [behind]: 'behind',
      [ahead]: 'ahead',
      [forked]: 'forked',
      [extra]: 'extra',
    },
  };
}

test('what is equal is verified with no document looked at by itself', async () => {
  it = world();
  for (let i = 0; i < 100; i += 1) await it.thing();
  const { state, figures, findings } = await it.verify();
  expect([state, findings, figures.comparedDocuments, figures.buckets]).toEqual(['equal', [], 0, 4]);
  expect(it.verifier.models()).toMatchObject([{ name: 'things', sourceName: 'a list', equalAt: expect.any(Date) }]);
});

test('each kind of difference is named; nothing is changed', async () => {
  const { kinds } = await tampered();
  const before = it.snapshot();
  const verification = await it.verify();
  expect([verification.state, found(verification)]).toEqual(['different', kinds]);
  expect(verification.figures).toMatchObject({
    moving: 0,
    repaired: 0,
    found: { missing: 1, extra: 1, behind: 1, ahead: 1, forked: 1, different: 1 },
  });
  expect(verification.figures.comparedDocuments).toBeLessThan(206);
  expect(it.snapshot()).toEqual(before);
  expect(it.verifier.models()).toMatchObject([{ equalAt: undefined, last: { state: 'different' } }]);
});

test('a repair changes exactly what was found, and the next look is clean', async () => {
  const { right, kinds } = await tampered();
  it.state.applied = 0;
  const verification = await it.verify(true);
  expect([verification.state, found(verification), verification.figures.repaired]).toEqual(['repaired', kinds, 6]);
  expect(it.snapshot()).toEqual(right);
  // Three events of the missing one, one of that behind, and all of the three that were folded anew: nobody else was touched.
  expect(it.state.applied).toBe(3 + 1 + 3 * 3);
  expect((await it.verify()).state).toBe('equal');
});

test('hazard: a copy set back by its version alone looks as if it were behind; folding on would keep what is wrong', async () => {
  it = world();
  const subject = await it.thing();
  const right = it.snapshot();
  it.byHand(subject, { version: 1 });
  const verification = await it.verify(true);
  expect([found(verification), verification.state, it.snapshot()]).toEqual([
    { [subject]: 'behind' },
    'repaired',
    right,
  ]);
});

test('an owner that gives its events in pages is asked until there are no more', async () => {
  it = world();
  const [one, other] = [await it.thing(), await it.thing()];
  const right = it.snapshot();
  it.state.givenMax = 1;
  it.byHand(one, { state: 'removed' });
  it.all.delete(other);
  expect((await it.verify(true)).state).toBe('repaired');
  expect(it.snapshot()).toEqual(right);
});

test('news that arrives between the two looks is no finding', async () => {
  it = world();
  const [late, later] = [await it.thing(), await it.thing()];
  const more = eventsOf(late, [named('c'), named('d')] as never, 4);
  it.events.get(late)?.push(...more);
  it.events.get(later)?.push(...eventsOf(later, [named('c')] as never, 4));
  it.between.looks = async () => {
    await it.deliver(late);
    await it.deliver(later);
  };
  const { state, findings, figures } = await it.verify(true);
  expect([state, findings, figures.moving]).toEqual(['equal', [], 2]);
});

test('hazard: an event that comes between finding and repairing is not undone', async () => {
  it = world();
  const subject = await it.thing();
  it.byHand(subject, { data: { name: 'by hand', boxId: '' } });
  it.between.repair = async () => {
    delete it.between.repair;
    it.events.get(subject)?.push(...eventsOf(subject, [named('c')] as never, 4));
    await it.deliver(subject);
  };
  const verification = await it.verify(true);
  expect(verification.findings).toMatchObject([
    { subject, repair: { outcome: 'left', detail: 'it changed meanwhile' } },
  ]);
  expect(it.at(subject).version).toBe(4);
});

test('a subject that is held for what it cannot read is told, and left as it is', async () => {
  it = world();
  const subject = await it.thing(named('a'), { type: 'thingNamed_v2', data: { name: 7 } }, named('c'));
  expect((await it.verify()).state).toBe('equal');
  // Its data was corrected where it is stored; nobody has tried it again yet.
  it.events.set(subject, eventsOf(subject, [named('a'), named('b'), named('c')] as never));
  const before = it.snapshot();
  const { state, findings } = await it.verify(true);
  expect(state).toBe('different');
  expect(findings).toMatchObject([{ subject, held: 'invalid-data', repair: { outcome: 'held' } }]);
  expect(it.snapshot()).toEqual(before);
});

test('what another fold wrote wants a rebuild, and is no finding', async () => {
  it = world();
  const subject = await it.thing();
  await it.thing();
  it.byHand(subject, { foldVersion: 0, data: { name: 'as before' } });
  const { state, findings, figures } = await it.verify(true);
  expect([state, findings, figures.ofOtherFolds]).toEqual(['different', [], 1]);
});

test('a copy of no event that something names becomes a placeholder again', async () => {
  it = world();
  const subject = newSubject('thing');
  it.all.set(subject, { ...it.at(await it.thing()), _id: subject });
  it.state.named = true;
  expect((await it.verify(true)).state).toBe('repaired');
  expect(it.all.get(subject)).toEqual({ _id: subject, version: 0, state: 'notYetAvailable' });
});

test('hazard: a source that holds nothing is a wrong source; no copy is removed for it', async () => {
  it = world();
  for (let i = 0; i < 10; i += 1) await it.thing();
  const before = it.snapshot();
  it.events.clear();
  const { state, figures, findings } = await it.verify(true);
  expect([state, figures.found.extra, figures.repaired, it.snapshot()]).toEqual(['different', 10, 0, before]);
  expect(findings[0]?.repair?.detail).toContain('more than 3 copies have no event');
});

test('hazard: a source that lags behind its copies is a wrong source; few copies are taken back for it', async () => {
  it = world();
  for (let i = 0; i < 10; i += 1) {
    const own = it.events.get(await it.thing());
    own?.pop();
  }
  const { figures, findings } = await it.verify(true);
  expect([figures.found.ahead, figures.repaired]).toEqual([10, 3]);
  expect(findings.at(-1)?.repair?.detail).toContain('more than 3 copies are ahead');
});

test('what a copy that is folded anew names stands there as a placeholder', async () => {
  it = world();
  const subject = await it.thing();
  it.boxes.clear();
  it.byHand(subject, { data: { name: 'by hand', boxId: '' } });
  it.state.givenMax = 1;
  expect((await it.verify(true)).state).toBe('repaired');
  expect([...it.boxes.values()]).toMatchObject([{ version: 0, state: 'notYetAvailable' }]);
});

test('an owner that falls silent before the placeholders are set is told of', async () => {
  it = world();
  it.byHand(await it.thing(), { data: { name: 'by hand', boxId: '' } });
  it.state.answers = 2;
  const { state, findings } = await it.verify(true);
  expect(state).toBe('repaired');
  expect(findings[0]?.repair?.detail).toContain('what it names may have no placeholder: no answer in time');
});

test('a copy whose name no event can have is removed without asking for its events', async () => {
  it = world();
  const right = await it.thing();
  it.all.set('by hand', { ...it.at(right), _id: 'by hand' });
  expect((await it.verify(true)).state).toBe('repaired');
  expect([...it.all.keys()]).toEqual([right]);
});

test('a source that does not answer: it failed, says which, and nothing was changed', async () => {
  await tampered();
  const before = it.snapshot();
  it.state.down = true;
  const verification = await it.verify(true);
  expect(verification).toMatchObject({ state: 'failed', detail: 'the owner of things does not answer', findings: [] });
  expect(it.snapshot()).toEqual(before);
});

test('findings are listed up to a limit, and all are counted', async () => {
  it = world({ findingsMax: 2 });
  for (let i = 0; i < 5; i += 1) it.all.delete(await it.thing());
  const { findings, figures } = await it.verify();
  expect([findings.length, figures.found.missing]).toEqual([2, 5]);
});

test('one at a time for each model; unknown models and verifications are told with what there is', async () => {
  it = world();
  const first = it.verifier.start('things', false);
  expect(() => it.verifier.start('things', false)).toThrow(expect.objectContaining({ code: 'verification-running' }));
  expect(() => it.verifier.start('stuff', false)).toThrow('There is no model stuff here. There are: things.');
  while (first.state === 'running') await new Promise((resolve) => setTimeout(resolve, 1));
  expect(it.verifier.get(first.id)).toBe(first);
  await it.verify();
  await it.verify();
  expect(() => it.verifier.get(first.id)).toThrow(expect.objectContaining({ code: 'not-found' }));
});

test('by itself it proves again and again, and repairs nothing', async () => {
  it = world({ everyMs: 1 });
  const subject = await it.thing();
  const lastState = () => it.verifier.models()[0]?.last?.state;
  while (lastState() !== 'equal') await new Promise((resolve) => setTimeout(resolve, 1));
  it.all.delete(subject);
  while (lastState() !== 'different') await new Promise((resolve) => setTimeout(resolve, 1));
  expect(it.all.size).toBe(0);
  await it.verifier.close();
  const { last } = it.verifier.models()[0] ?? {};
  await new Promise((resolve) => setImmediate(resolve));
  expect(it.verifier.models()[0]?.last).toBe(last);
});

test('while it is paused it does not prove by itself, and repairs nothing; whoever asks may look', async () => {
  it = world({ everyMs: 1 });
  it.state.paused = true;
  it.all.delete(await it.thing());
  const looked = await it.verify();
  expect(looked).toMatchObject({ state: 'different', figures: { found: { missing: 1 } } });
  expect(() => it.verifier.start('things', true)).toThrow(expect.objectContaining({ code: 'projection-paused' }));
  // Many times as long as it takes to begin one.
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(it.verifier.models()[0]?.last).toBe(looked);
  it.state.paused = false;
  while (it.verifier.models()[0]?.last === looked) await new Promise((resolve) => setTimeout(resolve, 1));
});

test('a repair that was begun before the gate was shut writes when it is opened, not before', async () => {
  it = world();
  const subject = await it.thing();
  it.all.set(subject, { ...(it.all.get(subject) as ProjectedDocument), data: { notes: ['by hand'] } });
  const before = it.snapshot();
  let shut: ReturnType<typeof it.gate.shut> | undefined;
  it.between.repair = async () => {
    shut ??= it.gate.shut('a move');
  };
  const repaired = it.verify(true);
  while (!shut) await new Promise((resolve) => setTimeout(resolve, 1));
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(it.snapshot()).toEqual(before);
  shut.open();
  expect(await repaired).toMatchObject({ state: 'repaired' });
});
