// How many bytes a festival takes for each of its documents and index entries: what the arithmetic of larger ones is made of.
import type { Db } from 'mongodb';
import { type Figure, percentile } from './report.ts';

interface StorageStats {
  readonly count: number;
  readonly avgObjSize: number;
  readonly storageSize: number;
  readonly indexSizes: Readonly<Record<string, number>>;
}

export async function sizesOf(db: Db): Promise<Figure[]> {
  // What is on disk is counted at a checkpoint.
  await db.admin().command({ fsync: 1 });
  const claims = await db.collection('FestivalEvents').countDocuments({ claims: { $exists: true } });
  const [facts, teams, removal] = await Promise.all([
    sizesIn(db, 'FestivalEvents', { claims }),
    sizesIn(db, 'teams', {}),
    removalBytes(db),
  ]);
  return [
    ...facts,
    ...teams,
    { what: 'SagaEvents: all events of one removal, as BSON', value: removal, unit: 'bytes' },
  ];
}

/** @param entries of indexes that do not have one for each document */
async function sizesIn(db: Db, name: string, entries: Readonly<Record<string, number>>): Promise<Figure[]> {
  const pipeline = [{ $collStats: { storageStats: {} } }];
  const [found] = await db.collection(name).aggregate<{ storageStats: StorageStats }>(pipeline).toArray();
  if (!found) throw new Error(`${name} has no statistics`);
  const { count, avgObjSize, storageSize, indexSizes } = found.storageStats;
  return [
    { what: `${name}: a document, as BSON`, value: avgObjSize, unit: 'bytes' },
    { what: `${name}: a document, on disk`, value: storageSize / count, unit: 'bytes' },
    ...Object.entries(indexSizes).map(([index, bytes]) => {
      return {
        what: `${name}: an entry of the index ${index}`,
        value: bytes / (entries[index] ?? count),
        unit: 'bytes',
      };
    }),
  ];
}

async function removalBytes(db: Db): Promise<number> {
  const ofEach = { $group: { _id: '$subject', bytes: { $sum: { $bsonSize: '$$ROOT' } } } };
  const found = await db.collection('SagaEvents').aggregate<{ bytes: number }>([ofEach]).toArray();
  return percentile(
    found.map(({ bytes }) => bytes),
    0.5,
  );
}
