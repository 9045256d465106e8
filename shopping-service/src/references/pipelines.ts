// The two ways through the references of one field, as aggregations that follow an index and stop at a page: from the
// referrers, or from the targets in one state. Neither sorts. The server fetches ahead of what a stage behind it takes,
// so each part of a way has a limit of its own: `scan` for the documents to start from, `limit` for those looked up.
import { byTargetIndex } from 'foldline';
import type { Document } from 'mongodb';
import type { ReferenceField } from './fields.ts';

/** The index that the walks over referrers are told to use, by name. */
export const byStateIndex = 'state_id';

export interface Walk {
  /** Of the collection to start from. */
  readonly start: Document;
  readonly hint: string;
  readonly pipeline: readonly Document[];
}

interface Bounds {
  readonly field: ReferenceField;
  /** Only references to targets in this state. */
  readonly targetState?: string | undefined;
  /** Only references that are held since before. */
  readonly sinceBefore?: Date | undefined;
  /** How many documents to start from at most. */
  readonly scan: number;
  /** How many references at most. */
  readonly limit: number;
}

/** By (referrer, target), behind `after`. @param targets and `referrers` below: the other collection's name */
export function fromReferrers(
  bounds: Bounds & {
    readonly targets: string;
    readonly referrer?: string | undefined;
    readonly target?: string | undefined;
    readonly after?: { readonly referrer: string; readonly target: string } | undefined;
  },
): Walk {
  const { field, referrer, target, after, targets } = bounds;
  // What was removed holds no references, and a placeholder has none yet: neither is worth a look.
  const whose = referrer ? { _id: referrer } : target ? { 'references.target': target } : { state: 'available' };
  const start = after ? { $and: [whose, { _id: { $gte: after.referrer } }] } : whose;
  const behind = after && {
    $or: [{ _id: { $gt: after.referrer } }, { 'references.target': { $gt: after.target } }],
  };
  return {
    start,
    hint: referrer ? '_id_' : target ? byTargetIndex : byStateIndex,
    pipeline: [
      ...scanned(start, bounds.scan),
      { $project: { references: 1 } },
      { $unwind: '$references' },
      { $match: { 'references.field': field, ...(target && { 'references.target': target }), ...behind } },
      {
        $lookup: {
          from: targets,
          localField: 'references.target',
          foreignField: '_id',
          pipeline: [{ $project: { state: 1 } }],
          as: 'found',
        },
      },
      {
        $replaceWith: {
          $mergeObjects: [
            '$references',
            { referrer: '$_id', targetState: { $ifNull: [{ $first: '$found.state' }, 'notYetAvailable'] } },
          ],
        },
      },
      ...narrowed(bounds),
    ],
  };
}

/** By (target, referrer), behind the target `after`. */
export function fromTargets(
  bounds: Bounds & {
    readonly targetState: string;
    readonly referrers: string;
    readonly after?: string | undefined;
  },
): Walk {
  const { field, targetState, sinceBefore, referrers, after, limit } = bounds;
  const start = { state: targetState, ...(after !== undefined && { _id: { $gt: after } }) };
  const isHeld = { $and: [{ $eq: ['$$this.target', '$$target'] }, { $eq: ['$$this.field', field] }] };
  const early = sinceBefore && { $lt: ['$$this.since', sinceBefore] };
  const input = '$references';
  const found = { $filter: { input, cond: early ? { $and: [isHeld, early] } : isHeld } };
  return {
    start,
    hint: byStateIndex,
    pipeline: [
      ...scanned(start, bounds.scan),
      {
        $lookup: {
          from: referrers,
          localField: '_id',
          foreignField: 'references.target',
          let: { target: '$_id' },
          pipeline: [
            // Only where it narrows: the target alone decides the field, and is found by the index.
            ...(early ? [{ $match: { $expr: { $gt: [{ $size: found }, 0] } } }] : []),
            { $sort: { _id: 1 } },
            { $limit: limit },
            { $project: { held: { $first: found } } },
          ],
          as: 'referrer',
        },
      },
      // Directly behind the lookup, so that the server hands on one referrer at a time however many there are.
      { $unwind: '$referrer' },
      {
        $replaceWith: {
          $mergeObjects: ['$referrer.held', { referrer: '$referrer._id', targetState: { $literal: targetState } }],
        },
      },
      { $limit: limit },
    ],
  };
}

function scanned(start: Document, scan: number): Document[] {
  return [{ $match: start }, { $sort: { _id: 1 } }, { $limit: scan }];
}

function narrowed({ targetState, sinceBefore, limit }: Bounds): Document[] {
  const only = { ...(targetState && { targetState }), ...(sinceBefore && { since: { $lt: sinceBefore } }) };
  return [...(Object.keys(only).length > 0 ? [{ $match: only }] : []), { $limit: limit }];
}
