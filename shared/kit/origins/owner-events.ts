// Asks the owner of events for those that did not arrive here, of one subject or of all. Bounded in requests at once, in pages and in
// time; what it answers is read as strictly as what comes from a topic.
import { bounded, type Failure, readEnvelope, type StoredEvent, shownCharactersMax } from '../../engine/index.ts';
import type { Owner } from '../../operations/index.ts';
import { pause } from '../../running/index.ts';
import { type OwnerAddress, ownerClient } from './owner-client.ts';
import { lenient } from './protocol.ts';

export interface OwnerEventsOptions extends OwnerAddress {
  /** The kind of subject. */
  readonly kind: string;
  readonly requestsAtOnceMax: number;
  /** Pages of at most 200 events for one subject and question; the next question gets the rest. */
  readonly pagesMax: number;
}

const eventsPerPage = 200;

/** How often one page of all events is asked for again after the owner asked for patience, and for how long at most each time. */
const patientTriesMax = 3;
const patienceMsMax = 60_000;

export interface OwnerEvents extends Owner {
  /** All events of the kind, in order of subject and version, a page at a time. @throws Failure `overloaded` */
  all(signal: AbortSignal): AsyncIterable<readonly StoredEvent[]>;
}

export function ownerEvents(options: OwnerEventsOptions): OwnerEvents {
  const { ask, bodyOf, unanswered, unexpected } = ownerClient(options);
  const path = `/origin/${options.kind}/events`;
  /** Errors that concern one subject only. */
  const ofOneSubject = new WeakSet<object>();

  /** One page of a subject's events as they are stored. @throws Failure `overloaded` */
  async function page(subject: string, query: Record<string, string>, signal: AbortSignal) {
    const response = await ask(path, { subject, ...query }, signal);
    if (response.status === 500) throw faulty(`answers 500 when asked for the events of ${subject}`);
    if (response.status !== 200) throw unexpected(response, `for the events of ${subject}`);
    // The owner is reachable and has begun to answer: an answer that does not end is a fault of this subject's events only.
    const answer = await bodyOf(response, (what) => faulty(`${what} when asked for the events of ${subject}`));
    const { items, next } = pageIn(answer);
    return { events: items.map((item) => eventOf(subject, item)), next };
  }

  function pageIn(answer: unknown) {
    const body = lenient.events.safeParse(answer);
    if (body.success) return { items: body.data.items, next: body.data.nextCursor };
    throw unanswered(`answers something that is no page of events; correct ${options.settings}_URL`);
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
    ofOneSubject.add(failure);
    return failure;
  }

  async function* all(signal: AbortSignal): AsyncGenerator<readonly StoredEvent[]> {
    const limit = String(eventsPerPage);
    for (let query: Record<string, string> = { limit }; ; ) {
      const response = await patient(() => ask(path, query, signal), signal);
      if (response.status !== 200) throw unexpected(response, `for all events of ${options.plural}`);
      const { items, next } = pageIn(await bodyOf(response));
      yield items.map(eventAmongAll);
      if (next === null) return;
      if (next === query.cursor)
        throw unanswered('names the same page as the next one again and again; look into its log');
      query = { limit, cursor: next };
    }
  }

  /** An event that was left out here would be missing without a trace, and a verification would call the copy equal. */
  function eventAmongAll(item: unknown): StoredEvent {
    const reading = readEnvelope(item);
    if ('event' in reading) return { ...reading.event, ...unreadableOf(item) };
    const what = `answers a value in which no event can be read when asked for all events of ${options.plural}`;
    throw unanswered(`${what} (${reading.fault}); run the same version of this service here and there`);
  }

  /** Many pages in a row reach the owner's limit of requests; the owner says then how long to wait. */
  async function patient(asking: () => Promise<Response>, signal: AbortSignal): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const response = await asking();
      if (response.status !== 429 || tries > patientTriesMax) return response;
      await response.body?.cancel();
      const seconds = Number(response.headers.get('retry-after')) || 1;
      await pause(Math.min(seconds * 1000, patienceMsMax), signal);
    }
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
    all,
    /**
     * When the owner stops answering, the events of the answered subjects are returned; `failed` is called for the others.
     *
     * @throws Failure `overloaded` when the owner answered for no subject; without `failed`, as soon as one question fails, and the
     * other questions are given up then
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
            if (!failed || !ofOneSubject.has(Object(error)) || givenUp.signal.aborted) throw error;
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
