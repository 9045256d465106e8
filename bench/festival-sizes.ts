// How many bytes a festival takes for each of its documents: what the arithmetic of larger ones is made of.
import type { Db } from 'mongodb';
import type { Figure } from './report.ts';

const collections = ['FestivalEvents', 'teams', 'events', 'SagaEvents', 'removals'];

interface StorageStats {
  readonly count: number;
  readonly avgObjSize: number;
  readonly storageSize: number;
  readonly indexSizes: Readonly<Record<string, number>>;
}

export async function sizesOf(db: Db): Promise<Figure[]> {
  // What is on disk is counted at a checkpoint.
  await db.admin().command({ fsync: 1 });
  const figures = await Promise.all(
    collections.map(async (name) => {
      const [found] = await db
        .collection(name)
        .aggregate<{ storageStats: StorageStats }>([{ $collStats: { storageStats: {} } }])
        .toArray();
      if (!found) throw new Error(`${name} has no statistics`);
      const { count, avgObjSize, storageSize, indexSizes } = found.storageStats;
      return [
        { what: `${name}: documents`, value: count, unit: '' },
        { what: `${name}: a document, as BSON`, value: avgObjSize, unit: 'bytes' },
        { what: `${name}: a document, on disk`, value: storageSize / count, unit: 'bytes' },
        ...Object.entries(indexSizes).map(([index, bytes]) => {
          return { what: `${name}: index ${index}, for each document`, value: bytes / count, unit: 'bytes' };
        }),
      ];
    }),
  );
  return figures.flat();
}
