// Repairs and releases held subjects, beside the feed: a hole is filled from the owner of the missing event, and what a fix has
// repaired goes on in order. One mechanism for all reasons; it never holds the feed up, and never gives a hole up.

import { Failure, type Held, isFailure, reasonOf } from '../../engine/index.ts';
import { createTurns, pause } from '../../running/index.ts';
import { attempt } from './retry-attempt.ts';
import { isPlace, type Retried, type Retrier, type RetrierPorts } from './retry-ports.ts';
import { createRetrySchedule } from './retry-schedule.ts';
import { entryOf, placeInWords, show, waitsInVain } from './show-held.ts';

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

  /** One run after the other: the loop's and the operators'. */
  const inTurn = createTurns();

  async function tryNow(entries: readonly Held[]) {
    const result = await attempt(ports, entries);
    ports.tried?.(entries.length - result.unanswered.size, result.released.size);
    // What an operator's retry brought to a hole is filled like any other.
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
      log.warn({ err: fault }, 'held subjects cannot be tried; it is tried again');
    trouble = news;
  }

  /** Pages through what is held. Full or not, the next look goes on where this one ended. */
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
      const entry = await entryOf(ports, key);
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
            `${key} is a subject and cannot be dismissed: its document would stay at version ${shown.held.appliedVersion} for ever, and nobody would see why. Repair what holds it, then retry it. ${shown.detail}`,
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
