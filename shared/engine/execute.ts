// Carries one command out, on one subject or on several: read, decide, append all or none; decided again when somebody else was faster.
// A repeat of a keyed request is answered from the event that the first one stored. What every store checks before it appends is here too.
import type { Decider } from './decider.ts';
import type { DomainEvent, StoredEvent } from './event.ts';
import { type Extensions, extensionsOf } from './extensions.ts';
import { Failure } from './failure.ts';
import { fold, readSubject, readSubjectAtVersion, type SubjectSource } from './fold.ts';
import { lostTextOf } from './lost-text.ts';
import type { Clock, Ids } from './ports.ts';
import { type ProjectedDocument, type Projection, type View, viewOf } from './projection.ts';

/** How often a command is decided before `version-conflict` is answered. */
export const decisionsMax = 5;

export interface Causation extends Extensions {
  readonly correlationid: string;
  readonly causationid?: string;
}

/** The causation of everything that an event causes. An event without a conversation begins one, under its own id. */
export function causedBy(event: StoredEvent): Causation & { readonly causationid: string } {
  const { id, correlationid = id } = event;
  return { correlationid, causationid: id, ...extensionsOf(event) };
}

/** The key of a repeatable request: the claim that makes it unique, and the digest of what was asked. */
export interface RequestKey {
  readonly claim: string;
  readonly digest: string;
}

export interface CommandPorts<V extends View, E extends DomainEvent> extends SubjectSource<V, E> {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What was decided for one subject. */
export interface Part<E extends DomainEvent> {
  readonly subject: string;
  /** The document that the decision was made on; the store must still be at its version. */
  readonly document: ProjectedDocument | undefined;
  /** The version of the document that the reading began from; 0 without one. */
  readonly snapshotVersion: number;
  readonly events: readonly E[];
}

export interface JointExecution<E extends DomainEvent> {
  /**
   * Reads the subjects and decides; called again when one of the subjects changed meanwhile. Each fact that the decision rests
   * on must come from an event of a subject among the parts: a change of any other subject goes unnoticed.
   * The first part is the subject of the answer, and its first event keeps the request's key.
   */
  plan(): Promise<readonly [Part<E>, ...Part<E>[]]>;
  readonly causation: Causation;
  readonly request?: RequestKey | undefined;
}

export interface Executed {
  /** The subject of the answer: a repeated creation without an id names the subject that the first creation made. */
  readonly subject: string;
  readonly document: ProjectedDocument;
  /** The version of the document that the decision began from; 0 without one. */
  readonly snapshotVersion: number;
  /** True when an earlier request with the same key did the work. */
  readonly replayed: boolean;
  /** False when the command was satisfied already, and nothing was stored. */
  readonly changed: boolean;
}

export type Recorder<V extends View, E extends DomainEvent> = Pick<
  Decider<V, never, E>,
  'source' | 'claims' | 'claimTaken'
>;

/**
 * @throws Failure what the plan refuses with; `version-conflict`, `idempotency-key-reused`, `overloaded`, or the decider's
 * answer to a taken claim.
 */
export async function executeTogether<V extends View, E extends DomainEvent>(
  ports: CommandPorts<V, E>,
  recorder: Recorder<V, E>,
  execution: JointExecution<E>,
): Promise<Executed> {
  const earlier = await replay(ports, execution.request);
  if (earlier) return earlier;
  let refusal: unknown;
  let unchanged: Executed | undefined;
  try {
    const executed = await planAndAppend(ports, recorder, execution);
    if (executed.changed) return executed;
    unchanged = executed;
  } catch (error) {
    refusal = error;
  }
  // A request with the same key may have stored its events meanwhile, so that this request was refused or found nothing to do.
  const twin = await replay(ports, execution.request);
  if (twin) return twin;
  if (unchanged) return unchanged;
  throw refusal;
}

async function planAndAppend<V extends View, E extends DomainEvent>(
  ports: CommandPorts<V, E>,
  recorder: Recorder<V, E>,
  { plan, causation, request }: JointExecution<E>,
): Promise<Executed> {
  let overtaken = { subject: '', currentVersion: 0 };
  for (let decision = 1; decision <= decisionsMax; decision += 1) {
    const parts = await plan();
    const [{ subject, document, snapshotVersion }] = parts;
    const answer = { subject, snapshotVersion, replayed: false };
    const time = ports.clock.now();
    const recorded = parts.flatMap((part) => record(ports, recorder, part, { time, causation }));
    const [first, ...others] = recorded;
    if (!first) return { ...answer, document: existing(document), changed: false };
    const result = await ports.store.append([request ? keyed(first, request, parts[0]) : first, ...others]);
    if (result.kind === 'stored') {
      const own = result.events.filter((event) => event.subject === subject);
      return { ...answer, document: existing(fold(ports.projection, document, own).document), changed: true };
    }
    if (result.kind === 'claim-conflict') throw claimFailure(recorder, result.claim);
    overtaken = result;
  }
  throw new Failure(
    'version-conflict',
    `${overtaken.subject} changed ${decisionsMax} times while this was decided; read it and try again.`,
    { currentVersion: overtaken.currentVersion },
  );
}

function record<V extends View, E extends DomainEvent>(
  { ids, projection }: CommandPorts<V, E>,
  recorder: Recorder<V, E>,
  { subject, document, events }: Part<E>,
  { time, causation }: { time: Date; causation: Causation },
): StoredEvent[] {
  let view = document ? viewOf<V>(document) : projection.initialState;
  return events.map((event, i) => {
    const claims = recorder.claims?.(event, view) ?? [];
    const stored: StoredEvent = {
      specversion: '1.0',
      id: ids.next(),
      source: recorder.source,
      type: event.type,
      subject,
      version: (document?.version ?? 0) + i + 1,
      time,
      ...causation,
      data: event.data as Record<string, unknown>,
      ...(claims.length > 0 && { claims }),
    };
    if (i < events.length - 1) view = after(projection, view, stored);
    return stored;
  });
}

/** The view after an event; an event that the fold does not know leaves the view as it is. */
function after<V extends View, E extends DomainEvent>(projection: Projection<V, E>, view: V, event: StoredEvent): V {
  const decoded = projection.decode(event);
  return decoded.kind === 'known' ? projection.evolve(view, decoded.event) : view;
}

function keyed<E extends DomainEvent>(
  first: StoredEvent,
  { claim, digest }: RequestKey,
  { document, events }: Part<E>,
): StoredEvent {
  const lastVersion = (document?.version ?? 0) + events.length;
  return { ...first, claims: [...(first.claims ?? []), claim], request: { digest, lastVersion } };
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

function claimFailure<V extends View, E extends DomainEvent>({ claimTaken }: Recorder<V, E>, claim: string): Error {
  return (
    claimTaken?.(claim) ??
    new Failure('version-conflict', `The claim ${claim.slice(0, claim.indexOf(':'))} is held by another event.`)
  );
}

function existing(document: ProjectedDocument | undefined): ProjectedDocument {
  if (!document) throw new Error('A command that was accepted must leave a document.');
  return document;
}

export interface Execution<Command> {
  readonly subject: string;
  readonly command: Command;
  readonly causation: Causation;
  readonly request?: RequestKey | undefined;
  /** Asked with the version the decision would be made on; false answers `if-match-failed`. */
  readonly allows?: VersionCondition | undefined;
  /** Asked after the key was looked up and before each decision; rejects when the command must not be carried out now. */
  readonly precondition?: (() => Promise<void>) | undefined;
}

export type VersionCondition = (version: number) => boolean;

/**
 * @throws Failure what `decide` refuses with; `if-match-failed`, `version-conflict`, `idempotency-key-reused`,
 * `subject-held`, `overloaded`, or the decider's answer to a taken claim.
 */
export function execute<V extends View, Command, E extends DomainEvent>(
  ports: CommandPorts<V, E>,
  decider: Decider<V, Command, E>,
  { subject, command, causation, request, allows, precondition }: Execution<Command>,
): Promise<Executed> {
  return executeTogether<V, E>(ports, decider, {
    causation,
    request,
    async plan() {
      await precondition?.();
      const { document, snapshotVersion } = await readSubject(ports, subject);
      // What does not exist or was deleted answers 404 or 410 whatever the condition says, so the decision comes first.
      const events = decider.decide(command, document ? viewOf<V>(document) : ports.projection.initialState);
      assertAllowed(allows, document?.version ?? 0);
      return [{ subject, document, snapshotVersion, events }];
    },
  });
}

/** @throws Failure `if-match-failed` */
export function assertAllowed(allows: VersionCondition | undefined, currentVersion: number): void {
  if (!allows || allows(currentVersion)) return;
  throw new Failure('if-match-failed', `If-Match names another version than the current ${currentVersion}.`, {
    currentVersion,
  });
}

/**
 * @param bytesOf measures an event as this store keeps it
 * @throws Failure `too-large`, `invalid-request` for text that no consumer could fold; Error when there is no event, or a subject's versions do not follow each other
 */
export function checkMembers(
  members: readonly StoredEvent[],
  bytesMax: number,
  bytesOf: (event: StoredEvent) => number,
): void {
  if (members.length === 0) throw new Error('An append needs at least one event.');
  const next = new Map<string, number>();
  for (const event of members) {
    const expected = next.get(event.subject) ?? event.version;
    if (event.version !== expected)
      throw new Error(`${event.subject}: version ${event.version} does not follow ${expected - 1}.`);
    next.set(event.subject, event.version + 1);
    const lost = lostTextOf(event);
    if (lost !== undefined)
      throw new Failure('invalid-request', `${event.type} for ${event.subject}: ${lost}. Correct the text.`);
    const bytes = bytesOf(event);
    if (bytes > bytesMax) {
      throw new Failure(
        'too-large',
        `The event would be ${bytes} bytes; at most ${bytesMax} are stored. Send less in one request.`,
      );
    }
  }
}

/** The events with `time` raised to that of their predecessor where a clock went back; `floors` holds each subject's last time. */
export function inTimeOrder(members: readonly StoredEvent[], floors: ReadonlyMap<string, Date>): StoredEvent[] {
  const latest = new Map(floors);
  return members.map((event) => {
    const floor = latest.get(event.subject);
    const placed = floor && floor > event.time ? { ...event, time: floor } : event;
    latest.set(event.subject, placed.time);
    return placed;
  });
}
