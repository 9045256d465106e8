// Merging two users, and taking it back: one event on each side, in one transaction with both expected versions.
// No event is rewritten, moved or deleted; any two merges that could close a circle share a subject, so one is decided again.
import type { UserEvent } from '@foldline/contracts';
import {
  assertAllowed,
  type Causation,
  type CommandPorts,
  type Executed,
  executeTogether,
  Failure,
  idOf,
  mergeDepthMax,
  type ProjectedDocument,
  type RequestKey,
  type SubjectReading,
  subjectOf,
  type VersionCondition,
} from 'foldline/engine';
import { type User, userDecider } from '../users/user.ts';
import { currentUsers, depthOf, type Resolved, resolveUser } from './members.ts';
import type { IdentityMerge } from './merge-log.ts';

export interface IdentityPorts extends CommandPorts<User, UserEvent> {
  /** Users that one survivor may stand for, itself included. */
  readonly membersMax: number;
}

interface MergeOrder {
  readonly survivorId: string;
  readonly absorbedId: string;
  readonly reason: string;
  /** Minted unless given. */
  readonly mergeId?: string;
}

export interface Occasion {
  readonly causation: Causation;
  readonly request?: RequestKey | undefined;
}

/** Both sides as they are now. */
export interface Sides {
  readonly survivor: Resolved;
  readonly absorbed: Resolved;
}

/**
 * Joins the survivors of both users.
 * @throws Failure `invalid-request` for one user twice, `not-found`, `deleted`, `already-merged`, `merge-too-large`
 */
export async function mergeIdentities(
  ports: IdentityPorts,
  order: MergeOrder,
  { causation, request }: Occasion,
): Promise<{ readonly merge: IdentityMerge; readonly replayed: boolean }> {
  const { reason, mergeId = ports.ids.next() } = order;
  const { document, replayed } = await executeTogether(ports, userDecider, {
    causation,
    request,
    async plan() {
      const { survivor, absorbed } = await sidesOf(ports, order);
      const [survivorId, absorbedId] = [idOf(subjectIn(survivor)), idOf(subjectIn(absorbed))];
      return [
        part(absorbed.survivor, { type: 'userAbsorbed_v1', data: { mergeId, survivorId, reason } }),
        part(survivor.survivor, { type: 'userMerged_v1', data: { mergeId, absorbedId } }),
      ];
    },
  });
  return { merge: mergeMadeBy(document, reason), replayed };
}

/** @throws Failure as `mergeIdentities`; writes nothing */
export async function sidesOf(ports: IdentityPorts, { survivorId, absorbedId }: MergeOrder): Promise<Sides> {
  if (survivorId === absorbedId)
    throw refused('invalid-request', '/absorbedId', 'names the same user as survivorId; name two');
  const read = currentUsers(ports);
  const [survivor, absorbed] = (await Promise.all(
    [survivorId, absorbedId].map((id) => resolveUser(read, subjectOf('user', id), ports.membersMax)),
  )) as [Resolved, Resolved];
  assertLiving(survivor, '/survivorId');
  assertLiving(absorbed, '/absorbedId');
  if (subjectIn(survivor) === subjectIn(absorbed))
    throw refused(
      'already-merged',
      '/absorbedId',
      `is one identity with survivorId already: ${idOf(subjectIn(survivor))}`,
    );
  const members = survivor.members.length + absorbed.members.length;
  if (members > ports.membersMax || depthOf(absorbed.members) >= mergeDepthMax)
    throw refused(
      'merge-too-large',
      '/absorbedId',
      `would make one identity of ${members} users; at most ${ports.membersMax}, in chains of ${mergeDepthMax}, may be one`,
    );
  return { survivor, absorbed };
}

/** @throws Failure `deleted` when it was retracted, or its users were deleted; `if-match-failed` */
export function retractMerge(
  ports: IdentityPorts,
  { id: mergeId, absorbedId, survivorId, version }: IdentityMerge,
  { causation, request, allows }: Occasion & { readonly allows?: VersionCondition | undefined },
): Promise<Executed> {
  const subjects = [absorbedId, survivorId].map((id) => subjectOf('user', id)) as [string, string];
  return executeTogether(ports, userDecider, {
    causation,
    request,
    async plan() {
      const readings = await currentUsers(ports)(subjects);
      const [absorbed, survivor] = subjects.map((subject) => readings.get(subject)) as [SubjectReading, SubjectReading];
      if (absorbed.document?.mergeId !== mergeId) throw new Failure('deleted', 'This merge was retracted.');
      if ([absorbed, survivor].some(({ document }) => document?.state === 'deleted'))
        throw new Failure('deleted', 'The users of this merge were deleted; there is nothing to part any more.');
      assertAllowed(allows, version);
      const event: UserEvent = { type: 'mergeRetracted_v1', data: { mergeId } };
      return [part(absorbed, event), part(survivor, event)];
    },
  });
}

function part({ document, snapshotVersion }: SubjectReading, event: UserEvent) {
  return { subject: document?._id ?? '', document, snapshotVersion, events: [event] };
}

const subjectIn = ({ survivor }: Resolved) => survivor.document?._id ?? '';

function assertLiving({ self, survivor }: Resolved, pointer: string): void {
  const state = survivor.document?.state ?? 'absent';
  if (!self.document || state === 'absent') throw refused('not-found', pointer, 'names no user');
  if (state === 'deleted') throw refused('deleted', pointer, 'names a user who was deleted');
}

function refused(code: Failure['code'], pointer: string, detail: string): Failure {
  return new Failure(code, `${pointer.slice(1)} ${detail}.`, { errors: [{ pointer, detail }] });
}

/** The document of the absorbed user right behind the event; a repeat shows the same, whatever happened since. */
function mergeMadeBy(document: ProjectedDocument, reason: string): IdentityMerge {
  const { _id, mergeId = '', mergedInto = '', version } = document;
  return { id: mergeId, survivorId: mergedInto, absorbedId: idOf(_id), reason, state: 'merged', version };
}
