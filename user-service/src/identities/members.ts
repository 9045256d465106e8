// Who stands for whom: from any user up to the survivor, and from a survivor down to everybody it stands for.
// Both follow edges that are kept in the users' own documents, one question for each level. A stranger's circle ends too.
import {
  type Documents,
  idOf,
  inMergeOrder,
  mergeDepthMax,
  type ProjectedDocument,
  readSubjects,
  type SubjectReading,
  type SubjectSource,
  subjectOf,
  survivorOf,
  unlessHeld,
  usableBase,
} from 'foldline/engine';
import { type User, userProjection } from '../users/user.ts';

/** Several users at once: as of now, or as their snapshots stand. */
export type ReadUsers = (subjects: readonly string[]) => Promise<ReadonlyMap<string, SubjectReading>>;

type UserSource = Pick<SubjectSource<User, never>, 'documents' | 'store'>;

/** Reads a held user as far as it could be folded; for answers to commands that are stored already. */
export function foldedUsers(source: UserSource): ReadUsers {
  return (subjects) => readSubjects({ ...source, projection: userProjection }, subjects);
}

/** @throws Failure `subject-held` when one of them is held */
export function currentUsers(source: UserSource): ReadUsers {
  const read = foldedUsers(source);
  return async (subjects) => {
    const readings = await read(subjects);
    for (const [subject, reading] of readings) unlessHeld(subject, reading);
    return readings;
  };
}

/** Never touches events. */
export function userSnapshots(documents: Pick<Documents, 'read'>): ReadUsers {
  return async (subjects) => {
    const stored = await documents.read(subjects);
    return new Map(
      subjects.map((subject) => {
        const document = usableBase(userProjection, stored.get(subject));
        const version = document?.version ?? 0;
        return [
          subject,
          { document, snapshotVersion: version, replayedEvents: 0, seenVersion: version, stop: undefined },
        ];
      }),
    );
  };
}

export interface Resolved {
  /** The reading of the user that was asked for. */
  readonly self: SubjectReading;
  /** The reading of the user that stands for it; `self` where no other user does. */
  readonly survivor: SubjectReading;
  /** The survivor and all that it stands for, in merge order; empty for a user that does not exist. */
  readonly members: readonly ProjectedDocument[];
}

export async function resolveUser(read: ReadUsers, subject: string, membersMax: number): Promise<Resolved> {
  const path = await pathUp(read, subject);
  const self = path.get(subject) as SubjectReading;
  const survivorSubject = subjectOf(
    'user',
    survivorOf(idOf(subject), (id) => followed(path, id)),
  );
  const survivor = path.get(survivorSubject) as SubjectReading;
  if (!survivor.document) return { self, survivor, members: [] };
  const found = (await membersOf(read, [survivor.document], membersMax)).get(survivorSubject) ?? [];
  // A survivor's snapshot may lag behind that of an absorbed user, and the absorbed user is a member all the same.
  const onPath = [...path.values()].flatMap(({ document }) => document ?? []);
  const all = new Map([...onPath, ...found].map((document) => [document._id, document]));
  return { self, survivor, members: inOrder(survivorSubject, [...all.values()]) };
}

/** The members of several survivors, each in merge order with the survivor first; at most `membersMax` of each. */
export async function membersOf(
  read: ReadUsers,
  survivors: readonly ProjectedDocument[],
  membersMax: number,
): Promise<ReadonlyMap<string, readonly ProjectedDocument[]>> {
  const members = new Map(survivors.map((survivor) => [survivor._id, [survivor]]));
  const seen = new Set(members.keys());
  let level = survivors.map((document) => ({ document, survivor: document._id }));
  for (let depth = 0; depth < mergeDepthMax && level.length > 0; depth += 1) {
    const candidates = level.flatMap(({ document, survivor }) =>
      (document.absorbed ?? []).map(({ absorbedId }) => ({
        subject: subjectOf('user', absorbedId),
        document,
        survivor,
      })),
    );
    const unseen = candidates.filter(({ subject }) => !seen.has(subject));
    if (unseen.length === 0) break;
    const readings = await read([...new Set(unseen.map(({ subject }) => subject))]);
    level = unseen.flatMap(({ subject, document: parent, survivor }) => {
      const document = readings.get(subject)?.document;
      const its = members.get(survivor) ?? [];
      // The absorbed user's own document decides, because that user may have been merged elsewhere since.
      if (seen.has(subject) || !document || document.mergedInto !== idOf(parent._id) || its.length >= membersMax)
        return [];
      seen.add(subject);
      its.push(document);
      return [{ document, survivor }];
    });
  }
  return new Map([...members].map(([survivor, its]) => [survivor, inOrder(survivor, its)]));
}

/** How many merges lead from the farthest of the members, survivor first, to the survivor. */
export function depthOf(members: readonly ProjectedDocument[]): number {
  const depths = new Map<string, number>();
  for (const { _id, mergedInto } of members)
    depths.set(idOf(_id), depths.size === 0 ? 0 : (depths.get(mergedInto ?? '') ?? 0) + 1);
  return Math.max(0, ...depths.values());
}

async function pathUp(read: ReadUsers, subject: string): Promise<Map<string, SubjectReading>> {
  const path = new Map<string, SubjectReading>();
  for (let at: string | undefined = subject; at !== undefined && !path.has(at) && path.size <= mergeDepthMax; ) {
    path.set(at, (await read([at])).get(at) as SubjectReading);
    const into: string | undefined = path.get(at)?.document?.mergedInto;
    at = into === undefined ? undefined : subjectOf('user', into);
  }
  return path;
}

/** Into whom a user was merged, if that one was found. */
function followed(path: ReadonlyMap<string, SubjectReading>, id: string): string | undefined {
  const into = path.get(subjectOf('user', id))?.document?.mergedInto;
  return into !== undefined && path.get(subjectOf('user', into))?.document ? into : undefined;
}

function inOrder(survivor: string, documents: readonly ProjectedDocument[]): ProjectedDocument[] {
  const identities = documents.map(({ _id, mergedInto, mergeId }, at) => ({ id: idOf(_id), mergedInto, mergeId, at }));
  return inMergeOrder(idOf(survivor), identities).map(({ at }) => documents[at] as ProjectedDocument);
}
