// Explains one reference: what names its target, since when, and what is known of the target at its owner.

import { type Held, idOf } from 'foldline/engine';
import { instantField } from 'foldline/fastify';
import { z } from 'zod';
import type { Finding, Named } from './explain.ts';
import { fieldNames, type Kind } from './fields.ts';
import { referenceStates } from './states.ts';

export interface Origin {
  /** The types of the first event, of each the newest version first. */
  readonly types: readonly string[];
  readonly topic: string;
  readonly owner: string;
}

export const origins: Readonly<Record<Kind, Origin>> = {
  user: { types: ['userCreated_v2', 'userCreated_v1', 'userImported_v1'], topic: 'user-events', owner: 'user-service' },
  category: { types: ['categoryCreated_v1'], topic: 'catalog-events', owner: 'shopping-service' },
  item: { types: ['itemAdded_v1'], topic: 'catalog-events', owner: 'shopping-service' },
  order: { types: ['orderPlaced_v1'], topic: 'order-events', owner: 'shopping-service' },
};

export const referenceBody = z.strictObject({
  referrer: z.string(),
  field: z.enum(fieldNames),
  target: z.string(),
  since: instantField,
  sinceVersion: z.int(),
  state: z.enum(referenceStates),
});

const heldBody = z.strictObject({
  stoppedBefore: z.int().describe('The version of the event that is missing or cannot be read'),
  seenVersion: z.int(),
  reason: z.string(),
  detail: z.string(),
  since: instantField,
  attempts: z.int(),
});
const origin = z.strictObject({ types: z.array(z.string()), topic: z.string(), owner: z.string() });
const way = { path: z.string(), subject: z.string(), text: z.string() };

export const explanationBody = z.strictObject({
  id: z.string(),
  subject: z.string(),
  state: z.enum(['notYetAvailable', 'available', 'removed']),
  version: z.int(),
  complete: z.boolean(),
  summary: z.string(),
  missing: z.array(
    z.strictObject({
      ...way,
      state: z.enum(['pending', 'overdue']),
      since: instantField.optional(),
      sinceVersion: z.int().optional(),
      waitsFor: origin,
      held: heldBody.nullable(),
    }),
  ),
  removed: z.array(z.strictObject(way)).describe('What it refers to although it was removed; no event is waited for'),
  held: heldBody.nullable(),
  namedBy: z.array(referenceBody).describe('The first of those that refer to it'),
});

export type Explanation = z.output<typeof explanationBody>;
type Missing = Explanation['missing'][number];

export function explanationOf(finding: Finding): Explanation {
  const { subject, state, version, held, named, namedBy } = finding;
  const missing = [...(state === 'notYetAvailable' ? [itself(finding)] : []), ...named.flatMap(missingBy)];
  const removed = named
    .filter((one) => one.state === 'removed')
    .map(({ path, subject: target }) => ({
      path,
      subject: target,
      text: `${target} was removed. No event is waited for.`,
    }));
  return {
    id: idOf(subject),
    subject,
    state,
    version,
    complete: missing.length === 0 && !held,
    summary: summaryOf(finding, missing, removed.length),
    missing,
    removed,
    held: held ? heldOf(held) : null,
    namedBy: [...namedBy],
  };
}

/** A subject that was only named, or is held at its first event, still waits for its own first event. */
function itself({ subject, kind, held, namedBy }: Finding): Missing {
  const [first] = [...namedBy].sort((a, b) => a.since.getTime() - b.since.getTime());
  const overdue = first?.state === 'overdue';
  const who = first ? `${first.referrer} has named it since ${first.since.toISOString()}. ` : '';
  return {
    path: '',
    subject,
    state: overdue ? 'overdue' : 'pending',
    ...(first ? { since: first.since, sinceVersion: first.sinceVersion } : {}),
    waitsFor: waitsFor(kind),
    held: held ? heldOf(held) : null,
    text: `Nothing that makes ${subject} available has been folded yet. ${who}${completedBy(kind, held)}`,
  };
}

function missingBy({ path, referrer, subject, kind, since, sinceVersion, state, held }: Named): Missing[] {
  if (state !== 'pending' && state !== 'overdue') return [];
  const late = state === 'overdue' ? ' and is overdue' : '';
  const text = `${subject} is not known yet${late}; ${referrer} has named it since ${since.toISOString()}. ${completedBy(kind, held)}`;
  const waiting = { since, sinceVersion, waitsFor: waitsFor(kind), held: held ? heldOf(held) : null };
  return [{ path, subject, state, ...waiting, text }];
}

function summaryOf({ subject, state, version, held, namedBy }: Finding, missing: readonly Missing[], removed: number) {
  const others = missing.filter(({ path }) => path !== '');
  const standing = {
    available: `${subject} is available at version ${version}`,
    removed: `${subject} was removed at version ${version}, so that it refers to nothing any more`,
    notYetAvailable: `${subject} is not available yet`,
  }[state];
  const parts = [
    state === 'notYetAvailable' && namedBy.length > 0 ? `, it is only named by others` : '',
    others.length > 0 ? `, but of what it refers to this is not known yet: ${others.map(pathOf).join(', ')}` : '',
    missing.length === 0 && !held ? ', and complete: nothing that it refers to is missing' : '',
  ];
  const leftOver = removed > 0 ? ` ${removed} of its references lead to what was removed.` : '';
  const stopped = held ? ` It is ${stopOf(held)}.` : '';
  return `${standing}${parts.join('')}.${leftOver}${stopped}`;
}

const pathOf = ({ path }: Missing) => path;

function completedBy(kind: Kind, held: Held | undefined): string {
  if (held) return `It came, but is ${stopOf(held)}; it goes on in order once that event is there and can be read.`;
  const { types, topic, owner } = origins[kind];
  return `${types.join(' or ')} of ${owner}, on ${topic}, would complete it.`;
}

function stopOf({ appliedVersion, reason, detail }: Held): string {
  return `held before version ${appliedVersion + 1} (${reason}: ${detail})`;
}

function waitsFor(kind: Kind): Missing['waitsFor'] {
  const { types, topic, owner } = origins[kind];
  return { types: [...types], topic, owner };
}

function heldOf({ appliedVersion, seenVersion, reason, detail, since, attempts }: Held) {
  return { stoppedBefore: appliedVersion + 1, seenVersion, reason, detail, since, attempts };
}
