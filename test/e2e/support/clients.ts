// Several clients at work at once: each takes the next task from one list, and what was accepted is written down, so that
// it can be looked for in the store. Disturbances begin as the work comes along, and the last tasks wait until all have ended.
import { createHash, randomUUID } from 'node:crypto';
import { type Answer, send } from './requests.ts';

export type ServiceUrl = 'userService' | 'shoppingService';

/** A request that was answered with success. */
export interface Accepted {
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
  /** The claim that the first event of this request carries. */
  readonly claim: string;
  /** Of the resource afterwards. */
  readonly version: number;
  readonly id: string;
  readonly eventCount: number;
}

/** Sends it until it is answered. @throws Error unless it succeeds */
export type Client = (
  service: ServiceUrl,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
) => Promise<Answer>;

export type Task = (client: Client) => Promise<void>;

export interface Disturbance {
  readonly name: string;
  /** Begins when this share of the tasks was taken, from 0 to 1. */
  readonly after: number;
  run(): Promise<void>;
}

export interface Work {
  readonly urls: Readonly<Record<ServiceUrl, string>>;
  readonly tasks: readonly Task[];
  readonly clients: number;
  readonly disturbances: readonly Disturbance[];
  /** How many of the last tasks are left for after the disturbances. */
  readonly heldBack: number;
}

export interface Done {
  readonly accepted: readonly Accepted[];
  /** Requests that had to be sent more than once. */
  readonly repeated: number;
  /** Of these, answers that came from the store of the first attempt. */
  readonly replayed: number;
}

/** @throws Error of the first task or disturbance that failed */
export async function carryOutWork({ urls, tasks, clients, disturbances, heldBack }: Work): Promise<Done> {
  const accepted: Accepted[] = [];
  const waiting = [...disturbances].sort((a, b) => a.after - b.after);
  const disturbing: Promise<void>[] = [];
  let taken = 0;
  let repeated = 0;
  let replayed = 0;

  const client: Client = async (service, method, path, body) => {
    const key = randomUUID();
    const answer = await send(method, `${urls[service]}${path}`, body, { key });
    if (answer.status >= 300)
      throw new Error(`${method} ${path} ${JSON.stringify(body)} answered ${answer.status}: ${answer.text}`);
    if (answer.attempts > 1) repeated += 1;
    if (answer.headers.get('idempotency-replayed') === 'true') replayed += 1;
    const id = method === 'POST' ? answer.body.id : (path.split('/').at(-1) as string);
    const version = Number(JSON.parse(answer.headers.get('etag') ?? 'null'));
    const eventCount = method === 'PATCH' ? Object.keys(body ?? {}).length : 1;
    accepted.push({ method, path, body, claim: claimOf(method, path, key), version, id, eventCount });
    return answer;
  };

  async function work(): Promise<void> {
    for (let i = taken++; i < tasks.length; i = taken++) {
      while (waiting[0] !== undefined && waiting[0].after * tasks.length <= i) {
        const { name, run } = waiting.shift() as Disturbance;
        const disturbance = run().catch((error: unknown) => {
          throw new Error(`the disturbance "${name}" failed: ${(error as Error).message}`, { cause: error });
        });
        // Awaited below; a client that fails first must not leave it unhandled.
        disturbance.catch(() => {});
        disturbing.push(disturbance);
      }
      if (i >= tasks.length - heldBack) await Promise.all(disturbing);
      await (tasks[i] as Task)(client);
    }
  }

  const ended = await Promise.allSettled(Array.from({ length: clients }, work));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return { accepted, repeated, replayed };
}

/** As the contract says: the SHA-256 of principal, method, path and key; on loopback without tokens the principal is `local`. */
function claimOf(method: string, path: string, key: string): string {
  const text = JSON.stringify(['local', method, path, key]);
  return `key:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}
