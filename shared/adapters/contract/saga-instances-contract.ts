// What every store of saga instances must do: find what is due, the longest due first, and conversations by their members.
import type { ConversationInstances, ProjectedDocument } from '../../engine/index.ts';
import { newThing } from './things.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

function instance(dueAt: Date | null, version = 1, members?: readonly string[], _id = newThing()): ProjectedDocument {
  const progress = { attempts: 0, retryAt: null, dueAt: dueAt?.toISOString() ?? null, reason: null };
  return {
    _id,
    version,
    state: 'waiting',
    createdAt: at(0),
    time: at(0),
    lastEventId: 'e',
    eventsDigest: 'd',
    foldVersion: 1,
    data: { progress, ...(members ? { members } : {}) },
  };
}

/** @param open gives an empty store each time */
export function sagaInstancesContract(name: string, open: () => Promise<ConversationInstances>): void {
  describe(`saga instances: ${name}`, () => {
    let port: ConversationInstances;
    const keep = (...documents: ProjectedDocument[]) => port.write(documents.map((put) => ({ put })));
    beforeEach(async () => {
      port = await open();
    });

    test('what is due is found, the longest due first, up to the limit', async () => {
      const [third, first, second, later, never] = [at(3), at(1), at(2), at(9), null].map((due) => instance(due));
      await keep(...([third, first, second, later, never] as ProjectedDocument[]));
      expect(await port.due(at(3), 10)).toEqual([first?._id, second?._id, third?._id]);
      expect(await port.due(at(3), 2)).toEqual([first?._id, second?._id]);
      expect(await port.due(at(0), 2)).toEqual([]);
    });

    test('one that moved on is due at its new time, or never again; an older document changes nothing', async () => {
      const [moved, ended] = [instance(at(1)), instance(at(1))];
      await keep(moved, ended);
      await keep(instance(at(5), 2, undefined, moved._id), instance(null, 2, undefined, ended._id));
      await keep(moved, ended);
      expect(await port.due(at(4), 10)).toEqual([]);
      expect(await port.due(at(5), 10)).toEqual([moved._id]);
    });

    test('conversations are found by each of their members', async () => {
      const [a, b, c] = [newThing(), newThing(), newThing()] as const;
      const both = instance(null, 1, [a, b]);
      const one = instance(null, 1, [b]);
      await keep(both, one, instance(at(1)));
      const found = await port.conversationsOf([a, b, c]);
      expect(found.get(a)).toEqual([both._id]);
      expect(found.get(b)).toEqual([both._id, one._id].sort());
      expect(found.has(c)).toBe(false);
    });
  });
}
