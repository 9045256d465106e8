// Carries one command out on one subject: load, decide, append; decided again when somebody else was faster.
import type { Decider } from './decider.ts';
import type { DomainEvent } from './event.ts';
import {
  type Causation,
  type CommandPorts,
  type Executed,
  executeTogether,
  type RequestKey,
} from './execute-together.ts';
import { Failure } from './failure.ts';
import { type View, viewOf } from './projection.ts';
import { readSubject } from './subject.ts';

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
