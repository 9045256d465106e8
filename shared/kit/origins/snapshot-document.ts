// Snapshots that another service publishes, as documents of a model. Every snapshot names its subject and the last event in it; the
// contract of the owner defines all other fields.
import { z } from 'zod';
import { isSubject, kindOf, mergingOf, type Projection, shown, subjectOf, type View } from '../../engine/index.ts';
import type { SnapshotAsDocument } from '../../operations/index.ts';

const instant = z.union([z.date(), z.iso.datetime({ offset: true }).pipe(z.coerce.date<string>())]);

const everySnapshot = z.object({
  _id: z.string(),
  version: z.int().min(1),
  createdAt: instant,
  time: instant,
  lastEventId: z.string(),
  eventsDigest: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal'),
});

/**
 * For `snapshots.asDocument` of a remote origin, where the model refers to no other subjects.
 *
 * @param contract what the owner says of its snapshots, under a name such as `ticketSnapshot_v1`; unknown keys are dropped
 * @param view the snapshot in the words of the model: what the events up to its version would have made. Total.
 */
export function documentFromSnapshot<S extends z.ZodObject>(
  { kind, foldVersion }: Pick<Projection, 'kind' | 'foldVersion'>,
  { type, schema }: { readonly type: string; readonly schema: S },
  view: (snapshot: z.output<S>) => Omit<View, 'data'> & { readonly data: object },
): (value: unknown) => SnapshotAsDocument {
  return (value) => {
    const [common, own] = [everySnapshot.safeParse(value), schema.safeParse(value)];
    if (!common.success || !own.success) {
      const [issue] = [common.error, own.error].flatMap((error) => error?.issues ?? []);
      return { fault: `it is no ${type}: ${issue?.path.join('.')}: ${issue?.message}` };
    }
    const { state, data, ...merges } = view(own.data);
    // A contract allows any text here; a placeholder for a subject that can have no events would stay for ever.
    const survivor = merges.mergedInto === undefined ? [] : [subjectOf(kind, merges.mergedInto)];
    for (const subject of [common.data._id, ...survivor])
      if (!isSubject(subject) || kindOf(subject) !== kind)
        return { fault: `it is no ${type}: ${shown(subject)} is no ${kind}-<uuid>` };
    return { document: { ...common.data, state, data, ...mergingOf(merges), foldVersion }, names: survivor };
  };
}
