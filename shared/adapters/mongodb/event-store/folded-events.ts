// The source of a model whose events are in this database: a fold of all events, streamed in order of subjects. The source shares only the
// projection with the documents that it judges: no snapshot, no checkpoint, no batch.
import type { Collection, Filter } from 'mongodb';
import {
  fold,
  isLostText,
  kindOf,
  type ProjectedDocument,
  type Projection,
  type StoredEvent,
} from '../../../engine/index.ts';
import {
  bucketOf,
  type ComparedSide,
  createBucketSums,
  type DigestEntry,
  entryOf,
  type Scan,
  type SharedForm,
} from '../../../operations/ports.ts';
import { findWholeEvents } from '../raw-documents.ts';
import { documentsPerStep, scanning } from '../read-model/scanning.ts';

/** One collection may hold the subjects of several kinds. The range also holds kinds whose names begin with this one. */
function rangeOf(kind: string): Filter<StoredEvent> {
  // The character behind the hyphen ends the range.
  return { subject: { $gt: `${kind}-`, $lt: `${kind}.` } };
}

/** How many events of one kind of subject there are. */
export function countOfKind(events: Collection<StoredEvent>, kind: string): Promise<number> {
  return events.countDocuments(rangeOf(kind));
}

export function foldedEvents(events: Collection<StoredEvent>, projection: Projection, form: SharedForm): ComparedSide {
  /** What the events of each subject make, as far as they can be folded. */
  async function* documentsOf(filter: Filter<StoredEvent>, scan: Scan): AsyncGenerator<ProjectedDocument> {
    const options = { sort: { subject: 1, version: 1 }, batchSize: documentsPerStep } as const;
    let subject = '';
    let document: ProjectedDocument | undefined;
    let stopped = false;
    for await (const event of findWholeEvents(events, filter, options)) {
      if (event.subject !== subject) {
        if (document) yield document;
        scan.signal.throwIfAborted();
        subject = event.subject;
        document = undefined;
        stopped = kindOf(subject) !== projection.kind || isLostText(subject);
      }
      // Around the validator a version may be of any type; such an event has no place in its subject, and no reader folds it.
      if (stopped || typeof event.version !== 'number') continue;
      const folding = fold(projection, document, [event]);
      document = folding.document;
      stopped = folding.stop !== undefined;
    }
    if (document) yield document;
  }

  async function subjectsIn(bits: number, buckets: readonly number[], scan: Scan): Promise<string[]> {
    const wanted = new Set(buckets);
    const found: string[] = [];
    // The server jumps in the index from one subject to the next, whatever the number of events.
    const subjects = events.aggregate<{ _id: string }>(
      [{ $match: rangeOf(projection.kind) }, { $sort: { subject: 1, version: 1 } }, { $group: { _id: '$subject' } }],
      // One whose name is no text is no subject; it must not end the scan for the others.
      { batchSize: documentsPerStep, enableUtf8Validation: false },
    );
    for await (const { _id } of scanning(subjects, { signal: scan.signal })) {
      if (kindOf(_id) === projection.kind && wanted.has(bucketOf(_id, bits))) found.push(_id);
    }
    return found;
  }

  return {
    async digests(bits, scan) {
      const sums = createBucketSums(bits);
      const documents = scanning(documentsOf(rangeOf(projection.kind), scan), scan);
      for await (const document of documents) sums.add(entryOf(form, document));
      return sums.digests();
    },
    async entries(bits, buckets, scan) {
      const subjects = await subjectsIn(bits, buckets, scan);
      const found: DigestEntry[] = [];
      while (subjects.length > 0) {
        const filter = { subject: { $in: subjects.splice(0, documentsPerStep) } };
        for await (const document of documentsOf(filter, scan)) found.push(entryOf(form, document));
      }
      return found;
    },
  };
}
