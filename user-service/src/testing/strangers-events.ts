// Events as a script would write them that knows the format and nothing of this code.
import type { Collection, Document } from 'mongodb';

export interface StrangersEvent {
  readonly type: string;
  readonly data: object;
  readonly version?: number;
}

/** Inserts `events` of one user, from version 1 unless told, and returns them as they are stored, without `_id`. */
export async function insertAsStranger(
  events: Collection<Document>,
  userId: string,
  ...given: readonly StrangersEvent[]
): Promise<Document[]> {
  const documents = given.map(({ type, data, version }, i) => ({
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: '/a-script',
    type,
    subject: `user-${userId}`,
    version: version ?? i + 1,
    time: new Date(),
    data,
  }));
  await events.insertMany(documents.map((document) => ({ ...document })));
  return documents;
}
