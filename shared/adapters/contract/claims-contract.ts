// Goal: a claim has one holder at any moment, it ends by a later fact only, and whoever meets an ended one may take it.
import { randomUUID } from 'node:crypto';
import type { EventStore } from '../../engine/index.ts';
import { nameClaim, named, namedByStranger, newThing, noted, removed } from './things.ts';

export function claimsContract(store: () => EventStore): void {
  const newName = () => `Name-${randomUUID()}`;
  const holderOf = async (claim: string) => {
    const event = await store().findByClaim(claim);
    return event && `${event.subject}@${event.version}`;
  };
  const claimsOf = async (subject: string) => (await store().read(subject)).map(({ claims }) => claims);

  test('a claim that is held refuses the event and names its holder', async () => {
    const [one, other, name] = [newThing(), newThing(), newName()];
    const first = named(one, 1, name);
    await store().append([first]);
    expect(await store().append([named(other, 1, name)])).toEqual({
      kind: 'claim-conflict',
      claim: nameClaim(name),
      holder: { eventId: first.id, subject: one, version: 1 },
    });
    expect(await store().read(other)).toEqual([]);
  });

  test('a claim conflict of one event refuses its whole command', async () => {
    const [one, other, name] = [newThing(), newThing(), newName()];
    await store().append([named(one, 1, name)]);
    expect((await store().append([noted(other, 1), named(other, 2, name)])).kind).toBe('claim-conflict');
    expect((await store().append([noted(other, 1), named(newThing(), 1, name)])).kind).toBe('claim-conflict');
    expect(await store().read(other)).toEqual([]);
  });

  test('where the version and the claim are both taken, the version is the conflict', async () => {
    const [one, other, name] = [newThing(), newThing(), newName()];
    await store().append([named(one, 1, name)]);
    await store().append([noted(other, 1)]);
    expect((await store().append([named(other, 1, name)])).kind).toBe('version-conflict');
  });

  test('a claim is free again once its subject was removed', async () => {
    const [one, other, name] = [newThing(), newThing(), newName()];
    await store().append([named(one, 1, name)]);
    await store().append([removed(one, 2)]);
    expect((await store().append([named(other, 1, name)])).kind).toBe('stored');
    expect(await holderOf(nameClaim(name))).toBe(`${other}@1`);
  });

  test('a claim is free again once its subject took another name', async () => {
    const [one, other, name] = [newThing(), newThing(), newName()];
    await store().append([named(one, 1, name)]);
    await store().append([named(one, 2, newName())]);
    expect((await store().append([noted(other, 1), named(other, 2, name)])).kind).toBe('stored');
    expect(await holderOf(nameClaim(name))).toBe(`${other}@2`);
  });

  test('another spelling of the same name gives nothing up', async () => {
    const [one, other, name] = [newThing(), newThing(), newName()];
    await store().append([named(one, 1, name)]);
    await store().append([namedByStranger(one, 2, name.toUpperCase())]);
    expect((await store().append([named(other, 1, name)])).kind).toBe('claim-conflict');
    expect(await holderOf(nameClaim(name))).toBe(`${one}@1`);
  });

  test('a subject that returns to a name releases its own old claim and claims anew', async () => {
    const [one, other, name] = [newThing(), newThing(), newName()];
    await store().append([named(one, 1, name)]);
    await store().append([named(one, 2, newName())]);
    expect((await store().append([named(one, 3, name)])).kind).toBe('stored');
    expect(await holderOf(nameClaim(name))).toBe(`${one}@3`);
    expect((await store().append([named(other, 1, name)])).kind).toBe('claim-conflict');
  });

  test('the release of a last claim removes the field, also the second time', async () => {
    for (let n = 1; n <= 3; n += 1) {
      const [one, other, name] = [newThing(), newThing(), newName()];
      await store().append([named(one, 1, name)]);
      await store().append([removed(one, 2)]);
      expect((await store().append([named(other, 1, name)])).kind).toBe('stored');
      expect(await claimsOf(one)).toEqual([undefined, undefined]);
    }
  });

  test('a release takes one claim and leaves the others of the event', async () => {
    const [one, other, name] = [newThing(), newThing(), newName()];
    const key = `key:${randomUUID()}`;
    await store().append([named(one, 1, name, { claims: [nameClaim(name), key] })]);
    await store().append([removed(one, 2)]);
    await store().append([named(other, 1, name)]);
    expect(await claimsOf(one)).toEqual([[key], undefined]);
    expect(await holderOf(key)).toBe(`${one}@1`);
  });

  test('a claim without a rule is kept for ever', async () => {
    const [one, key] = [newThing(), `key:${randomUUID()}`];
    await store().append([noted(one, 1, { claims: [key] })]);
    await store().append([removed(one, 2)]);
    expect(await store().append([noted(newThing(), 1, { claims: [key] })])).toMatchObject({
      kind: 'claim-conflict',
      claim: key,
    });
  });

  test('names that look like operators and paths are only names', async () => {
    const names = ['$$REMOVE', '$claims', 'a.b', '$'].map((name) => `${name}-${randomUUID()}`);
    for (const name of names) {
      const one = newThing();
      await store().append([named(one, 1, name)]);
      await store().append([removed(one, 2)]);
      expect((await store().append([named(newThing(), 1, name)])).kind).toBe('stored');
    }
  });

  test('of many that claim one name, one gets it and each other is told who', async () => {
    const name = newName();
    const rivals = Array.from({ length: 20 }, () => named(newThing(), 1, name));
    const results = await Promise.all(rivals.map((event) => store().append([event])));
    const winner = rivals.filter((_, i) => results[i]?.kind === 'stored');
    expect(winner).toHaveLength(1);
    const holder = { eventId: winner[0]?.id, subject: winner[0]?.subject, version: 1 };
    expect(results.filter(({ kind }) => kind !== 'stored')).toEqual(
      Array(19).fill({ kind: 'claim-conflict', claim: nameClaim(name), holder }),
    );
  });

  test('of many that want a name that was given up, one gets it', async () => {
    const [one, name] = [newThing(), newName()];
    await store().append([named(one, 1, name)]);
    await store().append([removed(one, 2)]);
    const results = await Promise.all(Array.from({ length: 20 }, () => store().append([named(newThing(), 1, name)])));
    expect(results.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'claim-conflict')).toHaveLength(19);
  });

  test('findByClaim answers the whole event, or nothing', async () => {
    const event = named(newThing(), 1, newName(), { request: { digest: 'd', lastVersion: 1 } });
    await store().append([event]);
    expect(await store().findByClaim(event.claims?.[0] ?? '')).toEqual(event);
    expect(await store().findByClaim(nameClaim(newName()))).toBeUndefined();
  });

  test('many holders are told at once; what nobody holds, or nobody means any more, is left out', async () => {
    const [one, other, held, ended, free] = [newThing(), newThing(), newName(), newName(), newName()];
    const first = named(one, 1, held);
    await store().append([first]);
    await store().append([named(other, 1, ended)]);
    await store().append([removed(other, 2)]);
    const holders = await store().holders([held, ended, free].map(nameClaim));
    expect([...holders]).toEqual([[nameClaim(held), { eventId: first.id, subject: one, version: 1 }]]);
    // Looking changes nothing: the claim that was given up stays until somebody wants it.
    expect((await claimsOf(other))[0]).toEqual([nameClaim(ended)]);
    expect([...(await store().holders([]))]).toEqual([]);
  });

  describe('late, for events that came without', () => {
    const late = (subject: string, version: number, name: string) => ({ claim: nameClaim(name), subject, version });

    test('puts them on, once, beside what is there', async () => {
      const [one, name, key] = [newThing(), newName(), `key:${randomUUID()}`];
      await store().append([noted(one, 1, { type: 'thingNamed_v1', data: { name }, claims: [key] })]);
      expect(await store().claimLate([late(one, 1, name)])).toEqual([]);
      expect(await store().claimLate([late(one, 1, name)])).toEqual([]);
      expect(await claimsOf(one)).toEqual([[key, nameClaim(name)]]);
      expect((await store().append([named(newThing(), 1, name)])).kind).toBe('claim-conflict');
    });

    test('tells of a clash with the living, and does the others all the same', async () => {
      const [one, other, third, name, free] = [newThing(), newThing(), newThing(), newName(), newName()];
      const first = named(one, 1, name);
      await store().append([first]);
      await store().append([namedByStranger(other, 1, name)]);
      await store().append([namedByStranger(third, 1, free)]);
      expect(await store().claimLate([late(other, 1, name), late(third, 1, free)])).toEqual([
        { ...late(other, 1, name), holder: { eventId: first.id, subject: one, version: 1 } },
      ]);
      expect(await holderOf(nameClaim(free))).toBe(`${third}@1`);
    });

    test('takes over a claim that was given up', async () => {
      const [one, other, name] = [newThing(), newThing(), newName()];
      await store().append([named(one, 1, name)]);
      await store().append([removed(one, 2)]);
      await store().append([namedByStranger(other, 1, name)]);
      expect(await store().claimLate([late(other, 1, name)])).toEqual([]);
      expect(await holderOf(nameClaim(name))).toBe(`${other}@1`);
    });

    // The hazard: an old claim of the same subject looks like "mine already", but it was given up and anybody may take it off.
    test('a subject that returned to a name holds it by the later event', async () => {
      const [one, name] = [newThing(), newName()];
      await store().append([named(one, 1, name)]);
      await store().append([namedByStranger(one, 2, newName())]);
      await store().append([namedByStranger(one, 3, name)]);
      expect(await store().claimLate([late(one, 3, name)])).toEqual([]);
      expect(await holderOf(nameClaim(name))).toBe(`${one}@3`);
      expect((await store().append([named(newThing(), 1, name)])).kind).toBe('claim-conflict');
    });

    test('a subject that holds the name by an earlier event needs no second claim', async () => {
      const [one, name] = [newThing(), newName()];
      await store().append([named(one, 1, name)]);
      await store().append([namedByStranger(one, 2, name.toUpperCase())]);
      expect(await store().claimLate([late(one, 2, name)])).toEqual([]);
      expect(await holderOf(nameClaim(name))).toBe(`${one}@1`);
    });

    test('what the event itself gave up meanwhile is no clash', async () => {
      const [one, other, name] = [newThing(), newThing(), newName()];
      await store().append([named(one, 1, name)]);
      await store().append([namedByStranger(other, 1, name)]);
      await store().append([removed(other, 2)]);
      expect(await store().claimLate([late(other, 1, name)])).toEqual([]);
      expect(await holderOf(nameClaim(name))).toBe(`${one}@1`);
    });

    test('nothing to claim, and an event that is not there, have no effect', async () => {
      const name = newName();
      expect(await store().claimLate([])).toEqual([]);
      expect(await store().claimLate([late(newThing(), 1, name)])).toEqual([]);
      expect(await holderOf(nameClaim(name))).toBeUndefined();
    });
  });
}
