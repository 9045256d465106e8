// Carries one command of an HTTP request out, with the request's key, condition and conversation.
import {
  type CommandPorts,
  type Decider,
  type DomainEvent,
  type Executed,
  execute,
  subjectOf,
  type View,
} from '../engine/index.ts';
import { commandContext, type EdgeReply, type EdgeRequest, ifMatchAllows, setVersionHeaders } from '../http/index.ts';

/** One command on one subject; sets the headers of its answer. @throws Failure as `execute` does */
export async function carryOut<V extends View, Command, E extends DomainEvent>(
  ports: CommandPorts<V, E>,
  decider: Decider<V, Command, E>,
  request: EdgeRequest,
  reply: EdgeReply,
  { id, command, precondition }: { id: string; command: Command; precondition?: (() => Promise<void>) | undefined },
): Promise<Executed> {
  const { causation, ifMatch, keyed } = commandContext(request);
  const executed = await execute(ports, decider, {
    subject: subjectOf(decider.kind, id),
    command,
    causation,
    request: keyed,
    allows: ifMatch === null ? undefined : (version) => ifMatchAllows(ifMatch, version),
    precondition,
  });
  setVersionHeaders(reply, { version: executed.document.version, replayed: executed.replayed });
  return executed;
}
