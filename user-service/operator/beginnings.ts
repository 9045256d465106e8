// What an import or an adoption was begun with, kept beside the events that it stores: so every run goes on under the same rules, from
// whichever machine and folder, and the same order into another database is one of its own.
import type { StoredEvent } from 'foldline/engine';
import type { Collection } from 'mongodb';

export interface Beginning {
  /** What must be the same in every run; each verb says what. */
  readonly rules: Readonly<Record<string, unknown>>;
  readonly startedAt: Date;
  /** Since when there is nothing left to do. */
  readonly finishedAt?: Date;
}

export interface BeginningDocument extends Beginning {
  /** The name of the run, which its events carry as their conversation. */
  readonly _id: string;
  /** The collection of events that it was begun in. */
  readonly store?: string;
}

export interface Beginnings {
  /** Undefined when nothing was begun here. Writes nothing. */
  find(name: string): Promise<Beginning | undefined>;
  /** Whether events of that name are stored; looks at each event until it finds one. */
  hasEvents(name: string): Promise<boolean>;
  /** @returns what holds: the given one, or that of another run which was faster */
  begin(name: string, beginning: Beginning): Promise<Beginning>;
  finish(name: string, finishedAt: Date): Promise<void>;
}

export function beginningsIn(
  records: Collection<BeginningDocument>,
  events: Collection<StoredEvent>,
  collectionId: () => Promise<string | undefined>,
): Beginnings {
  const hasEvents = async (name: string) =>
    (await events.findOne({ correlationid: name }, { projection: { _id: 1 } })) !== null;

  const find = async (name: string) => {
    const found = await records.findOne({ _id: name });
    if (found === null) return undefined;
    // Of events that are gone it says nothing; those that were restored from a backup are in a collection with another id.
    return found.store === (await collectionId()) || (await hasEvents(name)) ? found : undefined;
  };

  return {
    find,
    hasEvents,
    async begin(name, beginning) {
      const store = await collectionId();
      if ((await find(name)) === undefined) await records.deleteOne({ _id: name, store: { $ne: store } });
      await records.updateOne({ _id: name }, { $setOnInsert: { ...beginning, store } }, { upsert: true });
      return (await records.findOne({ _id: name })) ?? beginning;
    },
    async finish(name, finishedAt) {
      await records.updateOne({ _id: name, finishedAt: { $exists: false } }, { $set: { finishedAt } });
    },
  };
}
