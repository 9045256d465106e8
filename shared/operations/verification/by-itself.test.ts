// Goal: a model in doubt is verified at once, a doubt ends only by a verification that began after it, and what a service repairs by itself is
// only what its events can bring. Method: the verifier's world, with a verifier that runs by itself.
import { setTimeout as pause } from 'node:timers/promises';
import { world } from './testing/verifier-world.ts';

type World = ReturnType<typeof world>;
let it: World;
afterEach(() => it.verifier.close());

const model = () => it.verifier.models()[0];
const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await pause(1);
};

test('a model is in doubt until it is verified for the first time', async () => {
  it = world();
  await it.thing();
  await until(() => model()?.doubt !== undefined);
  expect(model()).toMatchObject({
    equalAt: undefined,
    doubt: { reason: 'it was never verified since its database was made' },
  });
  await it.verify();
  expect(model()).toMatchObject({ equalAt: expect.any(Date), doubt: undefined });
});

test('an equality and a doubt outlast the process; the equality says nothing of another collection', async () => {
  it = world();
  await it.thing();
  await it.verify();
  await it.verifier.doubt(['things', 'others'], 'a topic was made anew');
  const [stored] = await it.completeness.all();
  expect(stored).toMatchObject({ equal: { live: 'things' }, doubt: { reason: 'a topic was made anew' } });
  const next = it.another();
  await until(() => next.models()[0]?.doubt !== undefined);
  expect(next.models()[0]).toMatchObject({ equalAt: stored?.equal?.at, doubt: { reason: 'a topic was made anew' } });
  await next.close();
});

test('hazard: a doubt that comes while a verification runs stays', async () => {
  it = world();
  it.all.delete(await it.thing());
  it.between.looks = async () => {
    await it.verifier.doubt(['things'], 'offsets of others');
    await it.deliver([...it.events.keys()][0] as string);
  };
  expect((await it.verify()).state).toBe('equal');
  expect(model()).toMatchObject({ equalAt: expect.any(Date), doubt: { reason: 'offsets of others' } });
  delete it.between.looks;
  await it.verify();
  expect(model()?.doubt).toBeUndefined();
});

test('a doubt is looked into at once, and again only after the time between two verifications', async () => {
  it = world({ everyMs: 40 });
  await it.thing();
  it.state.down = true;
  await until(() => model()?.last?.state === 'failed');
  const first = model()?.last;
  await pause(10);
  expect(model()?.last).toBe(first);
  await it.verifier.doubt(['things'], 'another doubt');
  await until(() => model()?.last !== first);
  it.state.down = false;
  await until(() => model()?.doubt === undefined);
  expect(model()?.last?.state).toBe('equal');
});

test('what is missing or behind is repaired by itself; what is ahead, changed or without events is only told', async () => {
  it = world({ everyMs: 5, repairsByItself: true });
  const [missing, behind, changed] = [await it.thing(), await it.thing(), await it.thing()];
  const right = it.snapshot();
  it.all.delete(missing);
  it.all.delete(behind);
  await it.deliver(behind, 1);
  await until(() => model()?.last?.state === 'repaired' || model()?.last?.state === 'equal');
  expect(it.snapshot()).toEqual(right);
  expect(model()?.doubt).toBeUndefined();

  it.byHand(changed, { data: { name: 'by hand', boxId: '' } });
  const tampered = it.snapshot();
  await until(() => model()?.last?.state === 'different');
  await until(() => model()?.doubt !== undefined);
  expect(model()?.doubt).toMatchObject({ reason: 'a verification found 1 subjects that differ' });
  expect(it.snapshot()).toEqual(tampered);
});

test('with another generation beside the live one nothing is repaired by itself', async () => {
  it = world(
    { everyMs: 5, repairsByItself: true },
    { name: 'things_g2', state: 'following', since: new Date(0), former: false },
  );
  it.all.delete(await it.thing());
  await until(() => model()?.last?.state === 'different');
  expect(it.all.size).toBe(0);
});

test('hazard: events that are on their way are not repaired by itself, and nothing is called equal', async () => {
  it = world({ everyMs: 5, repairsByItself: true });
  it.state.arrives = false;
  it.all.delete(await it.thing());
  await until(() => model()?.last?.state === 'failed');
  expect(model()).toMatchObject({
    equalAt: undefined,
    last: { detail: expect.stringContaining('have not arrived yet') },
  });
  expect(it.all.size).toBe(0);
  it.state.arrives = true;
  await until(() => it.all.size === 1);
});

test('while a resync runs nothing is verified by itself', async () => {
  it = world({ everyMs: 2 });
  it.state.busy = 'things are resyncing';
  await it.thing();
  await pause(20);
  expect(model()?.last).toBeUndefined();
  delete it.state.busy;
  await until(() => model()?.last !== undefined);
});

test('after a verification the service rests in proportion to its work', async () => {
  it = world({ everyMs: 1, dutyPercent: 1 });
  it.all.delete(await it.thing());
  it.between.repair = () => pause(10);
  await until(() => model()?.last?.state === 'different');
  delete it.between.repair;
  const { last } = model() ?? {};
  await pause(100);
  expect(model()?.last).toBe(last);
});

test('the time in which a verification only waits for events counts as no work', async () => {
  it = world({ everyMs: 1, dutyPercent: 1 });
  it.all.delete(await it.thing());
  it.between.looks = () => pause(100);
  await until(() => model()?.last?.state === 'different');
  const { last } = model() ?? {};
  await until(() => model()?.last !== last);
});

test('an operator does not wait for a verification that nobody asked for: it gives way', async () => {
  it = world({ everyMs: 5 });
  it.all.delete(await it.thing());
  let release: (() => void) | undefined;
  it.between.looks = () => new Promise((resolve) => (release = resolve));
  await until(() => release !== undefined);
  const asked = it.verifier.start('things', true);
  expect(() => it.verifier.start('things', false)).toThrow(expect.objectContaining({ code: 'verification-running' }));
  delete it.between.looks;
  release?.();
  await until(() => asked.state !== 'running');
  expect([asked.state, it.all.size]).toEqual(['repaired', 1]);
});

test('hazard: a copy of another history is behind; it is left for a person, and the model stays in doubt', async () => {
  it = world({ everyMs: 5, repairsByItself: true });
  const subject = await it.thing();
  // The owner was restored, and went on with other events.
  it.byHand(subject, { version: 2, eventsDigest: 'of other events' });
  const before = it.snapshot();
  await until(() => model()?.last?.state === 'different');
  expect(it.snapshot()).toEqual(before);
  expect(model()?.last?.findings).toMatchObject([{ kind: 'behind', subject, repair: { outcome: 'left' } }]);
  expect(model()?.doubt).toBeDefined();
});
