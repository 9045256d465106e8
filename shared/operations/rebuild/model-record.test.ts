// Goal: what does not go with the generations that are there is refused with the reason, and nothing else is. Method: the pure
// changes of a record, one after the other, as an operator would ask for them.
import {
  assertMeant,
  discarded,
  firstRecord,
  type ModelRecord,
  type Pointers,
  rolledBack,
  started,
  switched,
} from './model-record.ts';

const since = new Date(1000);
const backfill = { from: 'store', unit: 'events', by: 'p1' };
const first = firstRecord('things');
const after = (record: ModelRecord, pointers: Pointers): ModelRecord => ({
  ...record,
  ...pointers,
  revision: record.revision + 1,
});
const filling = after(first, started(first, backfill, since));
const following: ModelRecord = {
  ...filling,
  other: { ...(filling.other as never as object), state: 'following' } as never,
};
const live = after(following, switched(following, since));
const back = after(live, rolledBack(live, since));

test('a generation is started beside the live one, switched to, left again, and its collection dropped only when it is discarded', () => {
  expect(filling).toMatchObject({ live: 'things', other: { name: 'things_g2', state: 'backfilling', former: false } });
  expect(live).toMatchObject({ live: 'things_g2', other: { name: 'things', state: 'following', former: true } });
  expect(back).toMatchObject({ live: 'things', other: { name: 'things_g2', state: 'following', former: false } });
  expect([filling, live, back].flatMap(({ dropping }) => dropping)).toEqual([]);
  expect(discarded(live)).toMatchObject({ live: 'things_g2', other: undefined, dropping: ['things'] });
  expect(discarded(back)).toMatchObject({ live: 'things', other: undefined, dropping: ['things_g2'] });
});

test('after a way back it can be switched again', () => {
  expect(switched(back, since)).toMatchObject({ live: 'things_g2', other: { name: 'things', former: true } });
});

test('a name is never given twice, also when what had it was discarded', () => {
  const again = after(filling, discarded(filling));
  expect(started(again, backfill, since).other?.name).toBe('things_g3');
});

test.each([
  ['a rebuild that is started twice', () => started(filling, backfill, since), 'things_g2 is being filled from store'],
  [
    'a rebuild beside one that follows',
    () => started(following, backfill, since),
    'which follows and was not switched to',
  ],
  ['a rebuild beside the former one', () => started(live, backfill, since), 'things, which was live before'],
  ['a switch with nothing to switch to', () => switched(first, since), 'Start a rebuild first'],
  ['a switch before it follows', () => switched(filling, since), 'does not follow yet'],
  ['a switch to the former one', () => switched(live, since), 'a rollback leads back to it'],
  ['a rollback with nothing behind it', () => rolledBack(first, since), 'There is no former generation behind things'],
  ['a rollback before the switch', () => rolledBack(following, since), 'There is no former generation behind things'],
  ['a discard with nothing to discard', () => discarded(first), 'has only things, which is live'],
])('%s is refused', (_, change, why) => {
  expect(change).toThrow(expect.objectContaining({ code: 'rebuild-refused', message: expect.stringContaining(why) }));
});

test('a generation that is named must be the one that it is about', () => {
  expect(() => assertMeant(live, 'things')).not.toThrow();
  expect(() => assertMeant(live, undefined)).not.toThrow();
  const refused = (generation: string) => () => assertMeant(live, generation);
  expect(refused('things_g2')).toThrow('things_g2 is the live generation of things');
  expect(refused('things_g9')).toThrow(
    expect.objectContaining({
      code: 'not-found',
      message: 'things has no generation things_g9. There are: things_g2, things.',
    }),
  );
});
