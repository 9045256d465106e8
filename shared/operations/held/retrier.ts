// Retries what is held, from the events of its owner: a subject whose hole was filled or whose event was corrected goes on in order. One
// mechanism for all reasons; it never holds the feed up, and never gives a hole up.
import { Failure, fold, type Held, isFailure, kindOf, reasonOf, usableBase } from '../../engine/index.ts';
import { createTurns, pause } from '../../running/index.ts';
import { type AttemptPorts, attempt, historyOf } from './retry-attempt.ts';
import { type Fold, isPlace, type Retried, type Retrier, type RetrierPorts, type ShownHeld } from './retry-ports.ts';
import { createRetrySchedule } from './retry-schedule.ts';

type Ports = Pick<AttemptPorts, 'models' | 'held' | 'ownerOf' | 'limits'>;

/** @throws Failure `not-found` unless it is held now */
export async function heldEntry({ held }: Pick<Ports, 'held'>, key: string): Promise<Held> {
  const entry = (await held.among([key])).get(key);
  if (entry) return entry;
  throw new Failure('not-found', `${key} is not held. GET /admin/held lists the held subjects.`);
}

export function placeInWords({ key, detail }: Held): string {
  return `${key} is an offset of a topic at which no event could be read (${detail}). The record names no subject, so it cannot be retried: find its producer, then dismiss it.`;
}

/** @throws Failure `not-found`, or the error of a store that cannot be reached */
export async function show(ports: Ports, key: string): Promise<ShownHeld> {
  const held = await heldEntry(ports, key);
  const nothing = { held, document: undefined, next: undefined };
  if (isPlace(held)) return { ...nothing, detail: placeInWords(held) };
  const model = ports.models.find(({ projection }) => projection.kind === kindOf(key));
  if (!model) return { ...nothing, detail: `No model of this service folds subjects of the kind ${kindOf(key)}.` };
  const document = (await model.documents.read([key])).get(key);
  const base = usableBase(model.projection, document);
  const owner = ports.ownerOf(key);
  if (!owner) return { ...nothing, document, detail: `This service does not know the owner of the events of ${key}.` };
  try {
    const unanswered = new Map<string, unknown>();
    let next: Fold = { document: base, events: 0, stop: undefined };
    const history = historyOf(owner, key, base?.version ?? 0, ports.limits.batchEventsMax, unanswered);
    for await (const items of history) {
      const folding = fold(
        model.projection,
        next.document,
        items.map(({ event }) => event),
      );
      next = { document: folding.document, events: next.events + folding.applied, stop: folding.stop };
      if (next.stop) break;
    }
    if (unanswered.has(key)) throw unanswered.get(key);
    return { held, document, next, detail: inWords(held, next) };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ...nothing, document, detail: `The result of a retry is not known: ${error.message}` };
  }
}

/**
 * Whether a subject waits for a version that its owner does not have: a foreign event, or an event that was deleted. For a document past
 * the held version the answer is no: other receivers may lack its last events, and only a further try reads these events again.
 */
export function waitsInVain({ held, next }: Pick<ShownHeld, 'held' | 'next'>): boolean {
  if ((held.reason !== 'hole' && held.reason !== 'unreadable') || !next || next.stop || next.events > 0) return false;
  const version = next.document?.version ?? 0;
  return version <= held.appliedVersion && version < held.seenVersion;
}

function inWords({ seenVersion }: Held, { document, events, stop }: Fold): string {
  const version = document?.version ?? 0;
  const folded = events === 1 ? '1 event' : `${events} events`;
  if (stop)
    return `A retry would fold ${folded} and stop at version ${version}, before version ${stop.version}: ${stop.detail}.`;
  if (version < seenVersion)
    return `A retry would fold ${folded} and stop at version ${version}: the owner has no later event, although version ${seenVersion} was seen.`;
  return `A retry would fold ${folded} and release it at version ${version}.`;
}

/** Begins at once with what is held already: everything once, because the code may know more than before, then holes only. */
export function createRetrier(ports: RetrierPorts): Retrier {
  const { held, pages, limits, log } = ports;
  const nowMs = () => ports.clock.now().getTime();
  const schedule = createRetrySchedule(limits, nowMs);
  const closing = new AbortController();
  let alarm = new AbortController();
  let trouble: string | undefined;
  let lookAtMs = 0;
  let lookedUpTo: string | undefined;
  let firstLook = true;

  /** The tries of the loop and of operators run one after the other. */
  const inTurn = createTurns();

  async function tryNow(entries: readonly Held[]) {
    const result = await attempt(ports, entries);
    ports.tried?.(entries.length - result.unanswered.size, result.released.size);
    // A subject that an operator's retry left at a hole is tried again like any other hole.
    for (const one of result.held.values()) if (one.reason === 'hole') schedule.add(one.key, one.appliedVersion, false);
    alarm.abort();
    for (const key of result.released) log.info({ subject: key }, 'a held subject was released');
    return result;
  }

  async function tryScheduled(keys: readonly string[]): Promise<void> {
    const found = await held.among(keys);
    const due = [...found.values()].filter(
      (one) => !isPlace(one) && (one.reason === 'hole' || schedule.isOnce(one.key)),
    );
    const result = due.length > 0 ? await tryNow(due) : undefined;
    for (const key of keys) {
      const now = result?.held.get(key);
      if (result?.unanswered.has(key)) schedule.unanswered(key);
      else if (now?.reason === 'hole') schedule.later(key, now.appliedVersion);
      else schedule.done(key);
    }
    const [fault] = result?.unanswered.values() ?? [];
    report(fault);
  }

  function report(fault: unknown): void {
    const news = fault === undefined ? undefined : reasonOf(fault);
    if (news !== undefined && trouble === undefined)
      log.warn({ err: fault }, 'held subjects could not be retried; the process tries again');
    trouble = news;
  }

  /** Reads one page of what is held. The next look goes on where this one ended, also when the schedule is full. */
  async function look(): Promise<void> {
    const limit = Math.min(limits.batchSubjectsMax, schedule.room());
    lookAtMs = nowMs() + limits.lookEveryMs;
    if (limit === 0) return;
    const page = await pages.after(lookedUpTo, limit);
    for (const one of page) {
      const isHole = one.reason === 'hole';
      if (!isPlace(one) && (isHole || firstLook)) schedule.add(one.key, one.appliedVersion, !isHole);
    }
    lookedUpTo = page.length < limit ? undefined : page.at(-1)?.key;
    if (lookedUpTo === undefined) firstLook = false;
    else if (!schedule.isCrowded()) lookAtMs = nowMs();
  }

  async function step(): Promise<void> {
    const keys = schedule.take(limits.batchSubjectsMax);
    try {
      if (keys.length > 0) return await inTurn(() => tryScheduled(keys));
      if (nowMs() >= lookAtMs) return await look();
    } catch (error) {
      for (const key of keys) schedule.unanswered(key);
      lookAtMs = Math.max(lookAtMs, nowMs() + limits.ownerRetryMsMax);
      return report(error);
    }
    await pause(Math.max(0, Math.min(schedule.nextMs(), lookAtMs) - nowMs()), alarm.signal);
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      alarm = new AbortController();
      await step();
    }
  }
  const running = run();

  async function retryAll(entries: readonly Held[]): Promise<Retried[]> {
    const subjects = entries.filter((one) => !isPlace(one)).map(({ key }) => key);
    // Asked again in turn: the loop may have released some while this call waited.
    const result = await inTurn(async () => tryNow([...(await held.among(subjects)).values()]));
    return entries.map((before) => {
      const { key } = before;
      if (isPlace(before)) return { key, outcome: 'place', detail: placeInWords(before), held: before };
      if (result.unanswered.has(key)) {
        const fault = result.unanswered.get(key);
        if (!isFailure(fault)) throw fault;
        return { key, outcome: 'unanswered', detail: fault.message, held: before };
      }
      const now = result.held.get(key);
      if (!now) return { key, outcome: 'released', detail: 'it was released', held: undefined };
      return { key, outcome: 'held', detail: `it stopped before ${now.detail}`, held: now };
    });
  }

  return {
    pages,
    noticed(batch) {
      for (const one of batch)
        if (one.reason === 'hole' && !isPlace(one)) schedule.noticed(one.key, one.appliedVersion);
      alarm.abort();
    },
    async retry(key) {
      const entry = await heldEntry(ports, key);
      if (isPlace(entry)) throw refused(placeInWords(entry));
      const [retried] = await retryAll([entry]);
      if (retried?.outcome === 'unanswered') throw new Failure('overloaded', retried.detail);
      return retried as Retried;
    },
    async retryAfter(key, limit) {
      const page = await pages.after(key, limit);
      const lastKey = page.at(-1)?.key;
      const retried = page.length > 0 ? await retryAll(page) : [];
      return { retried, left: lastKey === undefined ? 0 : await pages.countAfter(lastKey) };
    },
    show: (key) => show(ports, key),
    async dismiss(key) {
      await inTurn(async () => {
        const shown = await show(ports, key);
        if (!isPlace(shown.held) && !waitsInVain(shown))
          throw refused(
            `${key} is a subject and cannot be dismissed: its document would stay at version ${shown.held.appliedVersion} for ever without a visible reason. Correct the event that holds the subject, then retry the subject. ${shown.detail}`,
          );
        await held.release(new Map([[key, shown.held.seenVersion]]));
      });
    },
    trouble: () => trouble,
    async close() {
      closing.abort();
      alarm.abort();
      await running;
      await inTurn(async () => {});
    },
  };
}

function refused(detail: string): Failure {
  return new Failure('invalid-request', detail, { errors: [{ pointer: '{key}', detail }] });
}
