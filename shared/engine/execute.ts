// Carries one command out: load, decide, append; decided again when somebody else was faster.
// A repeat of a keyed request is answered from the event that the first one stored, never from a second collection.
import type { Decider } from './decider.ts';
import type { DomainEvent, StoredEvent } from './event.ts';
import { Failure } from './failure.ts';
import { fold } from './fold.ts';
import type { Clock, Ids } from './ports.ts';
import { type ProjectedDocument, type View, viewOf } from './projection.ts';
import { readSubject, readSubjectAtVersion, type SubjectSource } from './subject.ts';

/** How often a command is decided before `version-conflict` is answered. */
export const decisionsMax = 5;

export interface Conversation {
  readonly correlationid: string;
  readonly causationid?: string;
}

/** The key of a repeatable request: the claim that makes it unique, and the digest of what was asked. */
export interface RequestKey {
  readonly claim: string;
  readonly digest: string;
}

export interface Execution<Command> {
  readonly subject: string;
  readonly command: Command;
  readonly conversation: Conversation;
  readonly request?: RequestKey | undefined;
  /** Asked with the version the decision would be made on; false answers `if-match-failed`. */
  readonly allows?: ((version: number) => boolean) | undefined;
  /** Asked after the key was looked up and before deciding; rejects when the command must not be carried out now. */
  readonly precondition?: (() => Promise<void>) | undefined;
}

export interface Executed {
  /** The subject the answer is about: a repeated creation without an id names the first one's. */
  readonly subject: string;
  readonly document: ProjectedDocument;
  /** The version of the document that the decision began from; 0 without one. */
  readonly snapshotVersion: number;
  /** True when an earlier request with the same key did the work. */
  readonly replayed: boolean;
  /** False when the command was satisfied already, and nothing was stored. */
  readonly changed: boolean;
}

export interface CommandPorts<V extends View, E extends DomainEvent> extends SubjectSource<V, E> {
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * @throws Failure what `decide` refuses with; `if-match-failed`, `version-conflict`, `idempotency-key-reused`,
 * `subject-held`, `overloaded`, or the decider's answer to a taken claim.
 */
export async function execute<V extends View, Command, E extends DomainEvent>(
  ports: CommandPorts<V, E>,
  decider: Decider<V, Command, E>,
  execution: Execution<Command>,
): Promise<Executed> {
  const earlier = await replay(ports, execution.request);
  if (earlier) return earlier;
  let refusal: unknown;
  let unchanged: Executed | undefined;
  try {
    await execution.precondition?.();
    const executed = await decideAndAppend(ports, decider, execution);
    if (executed.changed) return executed;
    unchanged = executed;
  } catch (error) {
    refusal = error;
  }
  // A twin of this request may have stored its events meanwhile, and be why ours was refused or found nothing to do.
  const twin = await replay(ports, execution.request);
  if (twin) return twin;
  if (unchanged) return unchanged;
  throw refusal;
}

async function decideAndAppend<V extends View, Command, E extends DomainEvent>(
  ports: CommandPorts<V, E>,
  decider: Decider<V, Command, E>,
  execution: Execution<Command>,
): Promise<Executed> {
  const { subject, command, allows } = execution;
  let currentVersion = 0;
  for (let decision = 1; decision <= decisionsMax; decision += 1) {
    const { document, snapshotVersion } = await readSubject(ports, subject);
    currentVersion = document?.version ?? 0;
    const view = document ? viewOf<V>(document) : ports.projection.initialState;
    const events = decideUnderCondition(decider, command, view, currentVersion, allows);
    if (events.length === 0)
      return { subject, document: existing(document), snapshotVersion, replayed: false, changed: false };
    const recorded = record(ports, decider, execution, view, currentVersion, events);
    const result = await ports.store.append(recorded);
    if (result.kind === 'stored') {
      const folded = fold(ports.projection, document, result.events).document;
      return { subject, document: existing(folded), snapshotVersion, replayed: false, changed: true };
    }
    if (result.kind === 'claim-conflict') throw claimFailure(decider, result.claim);
  }
  throw new Failure(
    'version-conflict',
    `${subject} changed ${decisionsMax} times while this was decided; read it and try again.`,
    {
      currentVersion,
    },
  );
}

function decideUnderCondition<V extends View, Command, E extends DomainEvent>(
  decider: Decider<V, Command, E>,
  command: Command,
  view: V,
  version: number,
  allows: ((version: number) => boolean) | undefined,
): readonly E[] {
  // What does not exist or was deleted answers 404 or 410 whatever the condition says, so the decision comes first.
  const events = decider.decide(command, view);
  if (allows && !allows(version)) {
    throw new Failure('if-match-failed', `If-Match names another version than the current ${version}.`, {
      currentVersion: version,
    });
  }
  return events;
}

function record<V extends View, Command, E extends DomainEvent>(
  { clock, ids, projection }: CommandPorts<V, E>,
  decider: Decider<V, Command, E>,
  { subject, conversation, request }: Execution<Command>,
  before: V,
  version: number,
  events: readonly E[],
): StoredEvent[] {
  const time = clock.now();
  let view = before;
  return events.map((event, i) => {
    const claims = [...(decider.claims?.(event, view) ?? []), ...(i === 0 && request ? [request.claim] : [])];
    view = projection.evolve(view, event);
    return {
      specversion: '1.0',
      id: ids.next(),
      source: decider.source,
      type: event.type,
      subject,
      version: version + i + 1,
      time,
      ...conversation,
      data: event.data as Record<string, unknown>,
      ...(claims.length > 0 && { claims }),
      ...(i === 0 && request && { request: { digest: request.digest, lastVersion: version + events.length } }),
    };
  });
}

async function replay<V extends View, E extends DomainEvent>(
  ports: CommandPorts<V, E>,
  request: RequestKey | undefined,
): Promise<Executed | undefined> {
  if (!request) return undefined;
  const first = await ports.store.findByClaim(request.claim);
  if (!first?.request) return undefined;
  if (first.request.digest !== request.digest) {
    throw new Failure(
      'idempotency-key-reused',
      'The Idempotency-Key was used with another body or query; use a new key for a new request.',
    );
  }
  const reading = await readSubjectAtVersion(ports, first.subject, first.request.lastVersion);
  return {
    subject: first.subject,
    document: existing(reading?.document),
    snapshotVersion: reading?.snapshotVersion ?? 0,
    replayed: true,
    changed: true,
  };
}

function claimFailure<V extends View, Command, E extends DomainEvent>(
  decider: Decider<V, Command, E>,
  claim: string,
): Error {
  return (
    decider.claimTaken?.(claim) ??
    new Failure('version-conflict', `The claim ${claim.slice(0, claim.indexOf(':'))} is held by another event.`)
  );
}

function existing(document: ProjectedDocument | undefined): ProjectedDocument {
  if (!document) throw new Error('A command that was accepted must leave a document.');
  return document;
}
