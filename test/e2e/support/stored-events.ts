// The events as they lie in a collection, read with the plain driver. This file shares nothing with the services.
import type { Db, Document } from 'mongodb';

export interface EventDocument {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly version: number;
  readonly time: Date;
  readonly data: Document;
  readonly claims?: readonly string[];
  readonly request?: { readonly digest: string; readonly lastVersion: number };
}

/** Every event of the collection, by subject and version. */
export async function storedEvents(db: Db, collection: string): Promise<EventDocument[]> {
  return db.collection<EventDocument>(collection).find().sort({ subject: 1, version: 1 }).toArray();
}

/** The version of each subject's last event. */
export function headsOf(events: readonly EventDocument[]): Map<string, number> {
  return new Map(events.map(({ subject, version }) => [subject, version]));
}
