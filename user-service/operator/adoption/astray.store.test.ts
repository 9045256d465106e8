// Goal: a path that MongoDB follows otherwise than an adoption does costs nobody a field: it is refused where it leads nowhere, and who
// cannot be read by it is skipped with the reason and adopted by a later run. Method: whole command lines on a real store.
import { type AdoptionWorld, openAdoptionWorld } from './testing/adoption-world.ts';

jest.setTimeout(60_000);

let world: AdoptionWorld;
beforeEach(async () => {
  world = await openAdoptionWorld();
});
afterEach(() => world.close());

const listed = { name: 'Ada Lovelace', emails: [{ address: 'ada@example.org' }] };
const byName = { name: 'name', email: 'emails.address' };
const byPlace = { name: 'name', email: 'emails.0.address' };

test('hazard: a place in a list that was forgotten is refused, also by a dry run, and the right map adopts everybody whole', async () => {
  await world.theirs.insertMany([{ ...listed }, { name: 'Nobody' }, { name: 'Blank', emails: [] }]);
  for (const more of [['--dry-run'], []]) {
    const { code, out, err } = await world.run([...world.args(byName), ...more]);
    const expected = '--map, email: emails is a list: say which one of it, for example emails.0.address.';
    expect([code, out, err]).toEqual([1, '', expected]);
  }
  expect(await world.collections()).toEqual([]);
  expect(await world.report(world.args(byPlace))).toMatchObject({ adopted: 3, unfit: 0 });
  expect(await world.events.distinct('data.email')).toEqual(['ada@example.org']);
});

test.each([
  [byName, byPlace, 'emails is a list: say which one of it, for example emails.0.address'],
  [byPlace, byName, 'emails is no list, so that it has no 0.address'],
])(
  'hazard: where only some have a list, %j skips those that it cannot read, and a second map adopts them',
  async (first, second, detail) => {
    const one = { name: 'Grace Hopper', emails: { address: 'grace@example.org' } };
    await world.theirs.insertMany([{ ...listed }, { ...one }]);
    for (const more of [['--dry-run'], []]) {
      const report = await world.report([...world.args(first), ...more]);
      expect(report).toMatchObject({ adopted: 1, unfit: 1, skipped: [{ outcome: 'unfit', field: 'email', detail }] });
    }
    // What the second map does not find in those of the first is no matter any more.
    expect(await world.report(world.args(second))).toMatchObject({ adopted: 1, adoptedBefore: 1, unfit: 0 });
    expect((await world.events.distinct('data.email')).sort()).toEqual(['ada@example.org', 'grace@example.org']);
  },
);

test('hazard: what the store finds inside a reference or behind a key with a dot is refused, for no document has it as it is read', async () => {
  await world.theirs.insertOne({ name: 'Ada', owner: { $ref: 'people', $id: 'ada@example.org' }, 'a.b': 'Ada' });
  for (const [email, why] of [
    ['owner.$id', 'email: owner is no object, so that it has no $id'],
    ['a.b', `email: no document of ${world.theirs.namespace} has a.b`],
  ]) {
    const { code, err } = await world.run(world.args({ name: 'name', email }));
    expect([code, err]).toEqual([1, `--map, ${why}.`]);
  }
});
