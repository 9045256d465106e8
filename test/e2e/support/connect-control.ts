// The few calls of Kafka Connect's REST interface by which the tests disturb a connector, and look at it.
import { waitUntil } from './wait-until.ts';

const answerMs = 10_000;
const restartMs = 120_000;

interface Status {
  readonly connector: { readonly state: string };
  readonly tasks: readonly { readonly state: string }[];
}

/** What the worker says of a connector and its tasks, or why it says nothing. */
export async function statesOf(connectUrl: string, name: string): Promise<string> {
  try {
    const response = await ask(connectUrl, 'GET', `/connectors/${name}/status`);
    if (!response.ok) return `HTTP ${response.status}`;
    const { connector, tasks } = (await response.json()) as Status;
    return [connector, ...tasks].map(({ state }) => state).join(' ');
  } catch (error) {
    return `no answer: ${(error as Error).message}`;
  }
}

export async function whenRunning(connectUrl: string, names: readonly string[]): Promise<void> {
  await waitUntil('connectors that run', restartMs, async () => {
    const states = await Promise.all(names.map((name) => statesOf(connectUrl, name)));
    // One state for the connector and one for its only task.
    return states.every((state) => state === 'RUNNING RUNNING') ? undefined : `they are ${states.join(', ')}`;
  });
}

/** Restarts a connector and its task, and returns when both run again. */
export async function restartConnector(connectUrl: string, name: string): Promise<void> {
  await waitUntil(`a restart of ${name}`, restartMs, async () => {
    return refused(connectUrl, 'POST', `/connectors/${name}/restart?includeTasks=true`);
  });
  await whenRunning(connectUrl, [name]);
}

/** `pause` keeps the tasks, `stop` ends them; both keep the offsets. `resume` lets them go on. */
export async function setConnector(connectUrl: string, name: string, verb: 'pause' | 'stop' | 'resume'): Promise<void> {
  await waitUntil(`${verb} of ${name}`, restartMs, async () => {
    return refused(connectUrl, 'PUT', `/connectors/${name}/${verb}`);
  });
}

export interface Position {
  readonly partition: Readonly<Record<string, string>>;
  readonly offset: Readonly<Record<string, unknown>>;
}

/** The only position of a connector. @throws Error where it has none, or several */
export async function positionOf(connectUrl: string, name: string): Promise<Position> {
  const { offsets } = (await (await ask(connectUrl, 'GET', `/connectors/${name}/offsets`)).json()) as {
    offsets: Position[];
  };
  const [position, ...others] = offsets.filter(({ offset }) => offset !== null);
  if (!position || others.length > 0) throw new Error(`${name} has ${JSON.stringify(offsets)}`);
  return position;
}

/** Of a connector that is STOPPED. */
export async function patchOffset(connectUrl: string, name: string, position: Position): Promise<void> {
  const body = JSON.stringify({ offsets: [position] });
  await waitUntil(`another position of ${name}`, restartMs, async () => {
    return refused(connectUrl, 'PATCH', `/connectors/${name}/offsets`, body);
  });
}

/** Why the worker did not do it, or undefined: while it rebalances it answers 409, or nothing for a while. */
async function refused(connectUrl: string, method: string, path: string, body?: string): Promise<string | undefined> {
  try {
    const { status } = await ask(connectUrl, method, path, body);
    return status < 300 ? undefined : `the worker answers ${status}`;
  } catch (error) {
    return `no answer: ${(error as Error).message}`;
  }
}

function ask(connectUrl: string, method: string, path: string, body?: string): Promise<Response> {
  const content = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
  return fetch(`${connectUrl}${path}`, { method, signal: AbortSignal.timeout(answerMs), ...content });
}
