// Asks user-service, the owner of users, for events that did not arrive here. Bounded in requests at once, in pages and in time;
// what it answers is read as strictly as what comes from a topic.

import { z } from 'zod';
import { bounded, type Failure, idOf, readEnvelope, type StoredEvent, shownCharactersMax } from '../engine/index.ts';
import type { Owner } from '../operations/index.ts';
import { type UserServiceOptions, userServiceClient } from './user-service-client.ts';

export interface UserEventsClientOptions extends UserServiceOptions {
  readonly requestsAtOnceMax: number;
  /** Pages of at most 200 events for one user and question; whoever asks again gets the rest. */
  readonly pagesMax: number;
}

const eventsPerPage = 200;
const eventsPage = z.object({ items: z.array(z.unknown()), nextCursor: z.string().nullable() });

export function userEventsClient(options: UserEventsClientOptions): Owner {
  const { ask, bodyOf, unanswered } = userServiceClient(options);
  /** Faults that say nothing of other users. */
  const ofOneUser = new WeakSet<object>();

  /** One page of a user's events as they are stored; an empty one for a user who was never heard of. @throws Failure `overloaded` */
  async function page(subject: string, query: Record<string, string>, signal: AbortSignal) {
    const response = await ask(`/users/${idOf(subject)}/events`, { raw: 'true', ...query }, signal);
    if (response.status === 404) return { events: [], next: null };
    if (response.status === 500) throw faulty(`answers 500 when asked for the events of ${subject}`);
    if (response.status !== 200) throw unanswered(`answers ${response.status}`);
    // It is there, and has begun to answer: that it does not end says something of this user's events only.
    const answer = await bodyOf(response, (what) => faulty(`${what} when asked for the events of ${subject}`));
    const body = eventsPage.safeParse(answer);
    if (!body.success) throw unanswered('answers something that is no page of events; correct USER_SERVICE_URL');
    return { events: body.data.items.map((item) => eventOf(subject, item)), next: body.data.nextCursor };
  }

  function eventOf(subject: string, item: unknown): StoredEvent {
    const reading = readEnvelope(item);
    if ('fault' in reading)
      throw faulty(`answers a value in which no event of ${subject} can be read: ${reading.fault}`);
    if (reading.event.subject === subject) return { ...reading.event, ...unreadableOf(item) };
    throw faulty(`answers an event of ${bounded(reading.event.subject, shownCharactersMax)} when asked for ${subject}`);
  }

  /** The owner says that it cannot read the event's data: it is folded here no more than there. */
  function unreadableOf(item: unknown): Pick<StoredEvent, 'unreadable'> {
    const { unreadable } = item as { readonly unreadable?: unknown };
    return typeof unreadable === 'string' ? { unreadable: bounded(unreadable) } : {};
  }

  function faulty(what: string): Failure {
    const failure = unanswered(what);
    ofOneUser.add(failure);
    return failure;
  }

  async function eventsAfter(subject: string, version: number, eachMax: number, signal: AbortSignal) {
    const found: StoredEvent[] = [];
    const limit = String(Math.min(eachMax, eventsPerPage));
    let query: Record<string, string> = { limit, afterVersion: String(version) };
    for (let pages = 0; pages < options.pagesMax && found.length < eachMax; pages += 1) {
      const { events, next } = await page(subject, query, signal);
      found.push(...events);
      if (next === null) break;
      query = { limit, cursor: next };
    }
    return found.slice(0, eachMax);
  }

  return {
    /**
     * Whom it answered for when it ceased to answer, they are answered for; `failed` is told the others.
     *
     * @throws Failure `overloaded` when it answered for nobody, and as soon as one question fails unless `failed` is told; the
     * others are given up then
     */
    async readNext(positions, eachMax, failed) {
      const waiting = [...positions];
      const open = new Set(positions.keys());
      const answers: StoredEvent[][] = [];
      const givenUp = new AbortController();
      async function work(): Promise<void> {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const [subject, version] = next;
          try {
            answers.push(await eventsAfter(subject, version, eachMax, givenUp.signal));
          } catch (error) {
            if (!failed || !ofOneUser.has(Object(error)) || givenUp.signal.aborted) throw error;
            failed(subject, error);
          }
          open.delete(subject);
        }
      }
      const workers = Array.from({ length: Math.min(options.requestsAtOnceMax, positions.size) }, work);
      try {
        await Promise.all(workers);
      } catch (error) {
        waiting.length = 0;
        givenUp.abort();
        await Promise.allSettled(workers);
        if (!failed || answers.length === 0) throw error;
        for (const subject of open) failed(subject, error);
      }
      return answers.flat();
    },
  };
}
