// The inbox of a saga: events are delivered to its instances. Events for an instance that cannot be read are kept and delivered again, so
// that one instance stops and no feed does. The later events of a subject wait after the first one that is kept.
import type { Collection } from 'mongodb';
import { groupBy, type StoredEvent } from '../engine/index.ts';
import { pause } from '../running/index.ts';
import type { Parts } from './parts.ts';
import type { KitConfig, SagaConfig } from './settings.ts';

/** Tells a saga's instances. @returns the ids of the events whose news could not be told */
export type DeliverToSaga = (events: readonly StoredEvent[]) => Promise<readonly string[]>;

export interface SagaInbox {
  /** Resolves when everything is stored, as news or as kept. @throws Error when too much is kept: then the feed has to wait */
  receive(events: readonly StoredEvent[]): Promise<void>;
  /** Events that are kept. */
  countWaiting(): Promise<number>;
  close(): Promise<void>;
}

export interface UndeliveredEvent {
  readonly saga: string;
  readonly subject: string;
  readonly version: number;
  readonly event: StoredEvent;
}

/** How many kept events are read and delivered at once when they are delivered again. */
const pageEvents = 500;

export interface SagaInboxPorts extends Pick<Parts, 'db' | 'logger'> {
  readonly config: KitConfig & SagaConfig;
}

/** The collection is opened with the service's others. */
export function openSagaInbox(
  { db, config, logger: log }: SagaInboxPorts,
  saga: string,
  deliver: DeliverToSaga,
): SagaInbox {
  const collection: Collection<UndeliveredEvent> = db.collection('UntoldEvents');
  const closing = new AbortController();
  const count = () => collection.countDocuments({ saga });

  /** All events of each subject with an undelivered event: the later events may make no sense without it. */
  async function stuckAmong(events: readonly StoredEvent[]): Promise<StoredEvent[]> {
    const undelivered = new Set(await deliver(events));
    const stuck = new Set(events.filter(({ id }) => undelivered.has(id)).map(({ subject }) => subject));
    return events.filter(({ subject }) => stuck.has(subject));
  }

  async function store(events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return;
    const most = config.SAGA_UNTOLD_EVENTS_MAX;
    if ((await count()) + events.length > most)
      throw new Error(
        `The inbox of ${saga} would keep more than ${most} events for instances that cannot be read: repair the instances that \`held list\` shows.`,
      );
    log.warn(
      { saga, events: events.length },
      'events could not be delivered to a saga; the inbox keeps the events and delivers them again',
    );
    await collection.bulkWrite(
      events.map((event) => {
        const { subject, version } = event;
        return { updateOne: { filter: { saga, subject, version }, update: { $set: { event } }, upsert: true } };
      }),
    );
  }

  /** An event whose text was lost comes again once it is corrected; the kept event is replaced, and the last one is delivered. */
  async function renew(events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return;
    await collection.bulkWrite(
      events.map((event) => {
        const { subject, version } = event;
        return { updateOne: { filter: { saga, subject, version }, update: { $set: { event } } } };
      }),
    );
  }

  async function deliverAgain(): Promise<void> {
    for (let after = ''; !closing.signal.aborted; ) {
      const page = await collection
        .find({ saga, subject: { $gt: after } })
        .sort({ subject: 1, version: 1 })
        .limit(pageEvents)
        .toArray();
      if (page.length === 0) return;
      const stuck = new Set((await stuckAmong(page.map(({ event }) => event))).map(({ subject }) => subject));
      const delivered = page.filter(({ subject }) => !stuck.has(subject)).map(({ _id }) => _id);
      await collection.deleteMany({ _id: { $in: delivered } });
      after = page.at(-1)?.subject ?? '';
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      await deliverAgain().catch((error: unknown) =>
        log.warn({ err: error, saga }, 'the inbox could not deliver its events again'),
      );
      await pause(config.SAGA_UNTOLD_LOOK_EVERY_MS, closing.signal);
    }
  }
  const running = run();

  return {
    async receive(events) {
      if (events.length === 0) return;
      const subjects = [...new Set(events.map(({ subject }) => subject))];
      const found = await collection.find({ saga, subject: { $in: subjects } }, { projection: { event: 0 } }).toArray();
      const waitingBySubject = groupBy(found, ({ subject }) => subject);
      const isWaiting = ({ subject, version }: StoredEvent) =>
        waitingBySubject.get(subject)?.some((one) => one.version === version);
      await renew(events.filter(isWaiting));
      const waiting = events.filter((event) => waitingBySubject.has(event.subject) && !isWaiting(event));
      await store([...waiting, ...(await stuckAmong(events.filter(({ subject }) => !waitingBySubject.has(subject))))]);
    },
    countWaiting: count,
    async close() {
      closing.abort();
      await running;
    },
  };
}
