// People at work on a festival over HTTP: teams are created, moved, renamed and deleted without a pause, in events that stay and in
// events that are going to be deleted. Seeded; what it may be answered is bounded: anything else fails the test.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SeededRandom } from 'foldline/testing';
import { type Answer, send } from './requests.ts';

const clients = 2;
const everyMs = 10;
const createdAtOnce = 16;

export interface FestivalSize {
  readonly stayingEvents: number;
  /** How many teams each of the events begins with that are going to be deleted. */
  readonly doomedTeams: readonly number[];
}

export interface FestivalLoad {
  /** Every event that it created. */
  readonly events: readonly string[];
  /** Teams that one of its clients deleted, and was told so. */
  readonly deletedTeams: ReadonlySet<string>;
  /** Deletes the next event, while others move teams into it and create some there. */
  deleteEvent(): Promise<string>;
  /** @throws Error of the first answer that must not be */
  stop(): Promise<void>;
}

export async function startFestivalLoad(
  url: string,
  random: SeededRandom,
  { stayingEvents, doomedTeams }: FestivalSize,
): Promise<FestivalLoad> {
  const teams: string[] = [];
  const deletedTeams = new Set<string>();

  async function ask(method: string, path: string, body: object | undefined, may: readonly number[]): Promise<Answer> {
    const answer = await send(method, `${url}${path}`, body, { key: randomUUID() });
    if (may.includes(answer.status)) return answer;
    throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
  }
  const createEvent = async () => (await ask('POST', '/events', { title: 'A cup' }, [201])).body.id;
  /** 422: the event is gone. */
  async function createTeam(eventId: string, may = [201, 422]): Promise<void> {
    const { status, body } = await ask('POST', '/teams', { name: 'The Foxes', eventId }, may);
    if (status === 201) teams.push(body.id);
  }
  /** 410: the team is gone. */
  const change = (body: object) => ask('PATCH', `/teams/${random.pick(teams)}`, body, [200, 410, 422]);
  async function deleteTeam(): Promise<void> {
    const id = random.pick(teams);
    if ((await ask('DELETE', `/teams/${id}`, undefined, [204, 410])).status === 204) deletedTeams.add(id);
  }

  const staying = await Promise.all(Array.from({ length: stayingEvents }, createEvent));
  const doomed = await Promise.all(doomedTeams.map(createEvent));
  const first = [
    ...staying.map((id) => [id, 5] as const),
    ...doomed.map((id, i) => [id, doomedTeams[i] ?? 0] as const),
  ];
  const wanted = first.flatMap(([id, count]) => Array.from({ length: count }, () => id));
  for (let i = 0; i < wanted.length; i += createdAtOnce)
    await Promise.all(wanted.slice(i, i + createdAtOnce).map((id) => createTeam(id, [201])));

  const events = [...staying, ...doomed];
  function work(): Promise<unknown> {
    const what = random.below(20);
    if (what < 9) return change({ eventId: random.pick(events) });
    if (what < 14) return createTeam(random.pick(events));
    if (what < 19) return change({ name: `The Foxes ${random.below(1000)}` });
    return deleteTeam();
  }
  const stopping = new AbortController();
  const client = async () => {
    while (!stopping.signal.aborted) {
      await work();
      await pause(everyMs);
    }
  };
  const working = Promise.all(Array.from({ length: clients }, client));
  // Awaited when it is stopped.
  working.catch(() => undefined);

  let next = 0;
  return {
    events,
    deletedTeams,
    async deleteEvent() {
      const eventId = doomed[next++];
      if (eventId === undefined) throw new Error(`only ${doomed.length} events are to be deleted`);
      await Promise.all([
        change({ eventId }),
        change({ eventId }),
        createTeam(eventId),
        ask('DELETE', `/events/${eventId}`, undefined, [204]),
        change({ eventId }),
        createTeam(eventId),
      ]);
      return eventId;
    },
    async stop() {
      stopping.abort();
      await working;
    },
  };
}
