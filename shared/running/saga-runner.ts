// Runs the instances of one saga: stores what they are told, carries out the steps that are due, and tries again what failed.
// What is due is found by time in the documents, so a process that was killed goes on where its history ends.
import {
  type CrashAt,
  type DomainEvent,
  groupBy,
  isFailure,
  type Logger,
  type ProjectedDocument,
  reasonOf,
  type SagaEvent,
  type SagaHistoryPorts,
  type SagaRunner,
  type SagaView,
  type Step,
  sagaHistory,
  stepNow,
  withoutLostText,
} from '../engine/index.ts';
import { type Backoff, backoffMs } from './retrying.ts';

export interface SagaLimits {
  /** Instances that work at the same time. */
  readonly instancesAtOnceMax: number;
  /** Instances that are told something at the same time. */
  readonly deliveredAtOnceMax: number;
  /** Steps of one instance before others have their turn. */
  readonly stepsAtOnceMax: number;
  /** Failures in a row of one step before the instance is parked. */
  readonly attemptsMax: number;
  readonly retry: Backoff;
  /** How often what is due is looked for. */
  readonly lookEveryMs: number;
}

export interface SagaPorts<Data extends object, E extends DomainEvent> extends SagaHistoryPorts<Data, E> {
  readonly log: Logger;
  readonly limits: SagaLimits;
  readonly crashPoint?: CrashAt;
}

/** Where a test ends the process, in the order in which they are passed. */
export const sagaCrashPoints = ['saga-delivered', 'saga-before-step', 'saga-after-step', 'saga-after-append'] as const;

/** How many stuck instances are remembered; beyond that number, the one that is stuck longest may be tried at once. */
const standingMax = 1000;

export function createSagaRunner<Data extends object, E extends DomainEvent>(
  ports: SagaPorts<Data, E>,
): SagaRunner<Data, E> {
  const { saga, instances, clock, log, limits } = ports;
  const history = sagaHistory(ports);
  const dueAtOnceMax = limits.instancesAtOnceMax * 2;
  const waiting = new Set<string>();
  const working = new Map<string, Promise<void>>();
  /** Instances that could not be moved on, as one that cannot be read, and when they have their next turn. */
  const standing = new Map<string, { failures: number; untilMs: number }>();
  let closed = false;
  /** More may be due than the last look took, and something of what it took was moved on. */
  let moreIsDue = false;
  let moved = false;
  const passing = (point: (typeof sagaCrashPoints)[number]) => ports.crashPoint?.(point);

  async function carryOut(step: Step, view: SagaView<Data>, subject: string): Promise<readonly (E | SagaEvent)[]> {
    try {
      const events = await saga.react(step, view, subject);
      if (events.length === 0) throw new Error(`the step ${step.name} left nothing to remember`);
      return events;
    } catch (error) {
      const reason = withoutLostText(reasonOf(error));
      const attempt = view.data.progress.attempts + 1;
      log.warn({ err: error, saga: saga.name, subject, step: step.name, attempt }, 'a step of a saga failed');
      if (attempt >= limits.attemptsMax)
        return [{ type: `${saga.stem}Parked_v1`, data: { step: step.name, attempt, reason } }];
      const retryAt = new Date(clock.now().getTime() + backoffMs(limits.retry, attempt)).toISOString();
      return [{ type: `${saga.stem}StepFailed_v1`, data: { step: step.name, attempt, retryAt, reason } }];
    }
  }

  async function drive(subject: string): Promise<void> {
    let document = await history.read(subject);
    // The stored document may be older than the history that was just read, and may still say that a step is due.
    let isWritten = false;
    for (let steps = 0; steps < limits.stepsAtOnceMax && !closed; steps += 1) {
      if (!document) return;
      const view = history.view(document);
      const step = stepNow(saga, view, clock.now());
      if (!step) return isWritten ? undefined : instances.write([{ put: document }]);
      passing('saga-before-step');
      const events = await carryOut(step, view, subject);
      passing('saga-after-step');
      const after: ProjectedDocument | undefined = await history.remember(document, events);
      if (after) {
        moved = true;
        passing('saga-after-append');
        await instances.write([{ put: after }]);
      }
      isWritten = after !== undefined;
      document = after ?? (await history.read(subject));
    }
    if (!closed) waiting.add(subject);
  }

  /** Lets an instance wait that could not be moved on: it stays due, and every look would find it before all others. */
  function standStill(subject: string, error: unknown): void {
    log.warn({ err: error, saga: saga.name, subject }, 'a step of a saga could not be carried out');
    const failures = (standing.get(subject)?.failures ?? 0) + 1;
    standing.delete(subject);
    standing.set(subject, { failures, untilMs: clock.now().getTime() + backoffMs(limits.retry, failures) });
    const [longest] = standing.keys();
    if (standing.size > standingMax && longest !== undefined) standing.delete(longest);
  }

  function begin(): void {
    for (const subject of waiting) {
      if (closed || working.size >= limits.instancesAtOnceMax) return;
      if (working.has(subject)) continue;
      waiting.delete(subject);
      const work = drive(subject)
        .then(
          () => void standing.delete(subject),
          (error: unknown) => standStill(subject, error),
        )
        .finally(() => {
          working.delete(subject);
          begin();
          // Stuck instances are left to the next timed look; otherwise they would be read without a pause.
          if (moreIsDue && moved && working.size === 0) lookOnce();
        });
      working.set(subject, work);
    }
  }

  let looking: Promise<void> | undefined;
  /** Takes only as many instances as can work at once. The next look follows when these are done, and finds the rest. */
  async function look(): Promise<void> {
    try {
      const now = clock.now();
      const due = await instances.due(now, dueAtOnceMax + standing.size);
      const free = due.filter((subject) => (standing.get(subject)?.untilMs ?? 0) <= now.getTime());
      moreIsDue = free.length >= dueAtOnceMax;
      moved = false;
      for (const subject of free.slice(0, dueAtOnceMax)) waiting.add(subject);
      begin();
    } catch (error) {
      log.warn({ err: error, saga: saga.name }, 'the sagas that are due could not be read');
    }
  }
  function lookOnce(): void {
    if (closed) return;
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }
  const timer = setInterval(lookOnce, limits.lookEveryMs);

  return {
    async deliver(deliveries) {
      const subjects = [...groupBy(deliveries, ({ subject }) => subject)];
      const undelivered: string[] = [];
      for (let from = 0; from < subjects.length; from += limits.deliveredAtOnceMax) {
        const some = subjects.slice(from, from + limits.deliveredAtOnceMax);
        const known = await history.readAll(some.map(([subject]) => subject));
        const [readable, others] = [some.filter(([one]) => known.has(one)), some.filter(([one]) => !known.has(one))];
        undelivered.push(...others.flatMap(([, its]) => its.map(({ causation }) => causation.causationid)));
        const delivered = await Promise.all(
          readable.map(async ([subject, its]) => {
            try {
              return await history.deliver(subject, known.get(subject), its);
            } catch (error) {
              // News with text that no history may hold concerns this instance only.
              if (!isFailure(error, 'invalid-request')) throw error;
              log.warn({ err: error, saga: saga.name, subject }, 'events could not be delivered to a saga');
              undelivered.push(...its.map(({ causation }) => causation.causationid));
              return undefined;
            }
          }),
        );
        const documents = delivered.filter((document) => document !== undefined);
        passing('saga-delivered');
        if (documents.length > 0) await instances.write(documents.map((document) => ({ put: document })));
        const now = clock.now();
        for (const document of documents) {
          if (stepNow(saga, history.view(document), now) && waiting.size < dueAtOnceMax) waiting.add(document._id);
        }
      }
      begin();
      return undelivered;
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await looking;
      await Promise.all(working.values());
    },
  };
}
