// How many documents a connector copies when it begins anew: those of its collection that pass its copy pipeline. The number is
// counted, never estimated, within a bounded time; a collection that cannot be counted is left out, and nothing is said of it.
import { type Document, MongoClient } from 'mongodb';
import type { ConnectorFile } from './connector-file.ts';

/** The number of documents by the name of the connector. */
export type Counts = ReadonlyMap<string, number>;

export type CountDocuments = (uri: string, files: readonly ConnectorFile[], timeoutMs: number) => Promise<Counts>;

/** Stages that change documents and never how many there are. */
const shaping = new Set(['$addFields', '$project', '$set', '$unset', '$replaceRoot', '$replaceWith', '$sort']);

/** Whether the connector copies what is stored when it has no position. */
export function copiesExisting({ config }: Pick<ConnectorFile, 'config'>): boolean {
  return config['startup.mode'] === 'copy_existing' || config['copy.existing'] === 'true';
}

/** @param timeoutMs for finding a server, and for each count */
export const countDocuments: CountDocuments = async (uri, files, timeoutMs) => {
  const options = { serverSelectionTimeoutMS: timeoutMs, connectTimeoutMS: timeoutMs, appName: 'foldline-connect' };
  let client: MongoClient | undefined;
  try {
    client = await new MongoClient(uri, options).connect();
    const counted = await Promise.all(files.map((file) => counting(client as MongoClient, file, timeoutMs)));
    return new Map(files.flatMap(({ name }, i) => (counted[i] === undefined ? [] : [[name, counted[i]] as const])));
  } catch {
    // MongoDB that is away is told by `doctor`; here nothing is known.
    return new Map();
  } finally {
    await client?.close();
  }
};

async function counting(client: MongoClient, file: ConnectorFile, timeoutMs: number): Promise<number | undefined> {
  const stages = countedStages(file);
  if (stages === undefined) return undefined;
  const collection = client.db(file.database).collection(file.collection);
  try {
    const options = { maxTimeMS: timeoutMs, ...(stages.length === 0 ? { hint: { _id: 1 } } : {}) };
    const [found] = await collection.aggregate<{ n: number }>([...stages, { $count: 'n' }], options).toArray();
    return found?.n ?? 0;
  } catch {
    // Too large for the time, or not to be read by this user.
    return undefined;
  }
}

/** The stages of the copy pipeline that say which documents are copied; undefined where that cannot be told. */
function countedStages({ config, database, collection }: ConnectorFile): Document[] | undefined {
  const namespaces = config['startup.mode.copy.existing.namespace.regex'] ?? config['copy.existing.namespace.regex'];
  if (database === '' || collection === '' || namespaces) return undefined;
  const text = config['startup.mode.copy.existing.pipeline'] || config['copy.existing.pipeline'] || '[]';
  try {
    const stages: unknown = JSON.parse(text);
    if (!Array.isArray(stages)) return undefined;
    return (stages as Document[]).filter((stage) => !Object.keys(stage).every((name) => shaping.has(name)));
  } catch {
    return undefined;
  }
}
