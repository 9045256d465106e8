// Verifications that nobody asked for: at once when a model is in doubt, and otherwise so often that they take a bounded share of the time.
// They are slow, leave alone what is on its way, and repair only what the events of a subject can bring.
import type { Clock } from '../../engine/index.ts';
import { pause } from '../../running/index.ts';
import type { PauseGate } from '../pause/pause-gate.ts';
import type { BucketLooks } from './bucket-looks.ts';
import type { DifferenceKind } from './compare.ts';
import type { createRepair } from './repair.ts';
import type { ComparedModel, VerificationLimits } from './verification-ports.ts';

export interface ByItselfLimits {
  /** The shortest time between two verifications of a model by itself; 0: only when somebody asks. */
  readonly everyMs: number;
  /** The share of the time that verifications of a model may take by themselves. */
  readonly dutyPercent: number;
  /** Whether what is missing or behind is repaired. */
  readonly repairsByItself: boolean;
  /** How long a scan pauses after each of its parts. */
  readonly scanPauseMs: number;
  /** The longest rest, however long a verification took: an equality must not be too old before the next one. */
  readonly restMaxMs: number;
}

/** How often the stored doubts are read, which other processes may raise or end. */
const lookEveryMs = 1000;
/** The events of these subjects only have to be folded. */
const repairedKinds: ReadonlySet<DifferenceKind> = new Set(['missing', 'behind']);

/** One of them, while it runs. */
export interface ByItself {
  /** How long it only waited for events on their way. */
  waitedMs(): number;
  /** After each part of a scan. */
  scanned(): Promise<void>;
  /** Events that are on their way for longer than a verification waits are no finding: the feed brings them, and no repair should. */
  looks(all: BucketLooks): BucketLooks;
  repair(all: ReturnType<typeof createRepair>): ReturnType<typeof createRepair>;
}

export function beByItself(
  { scanPauseMs }: Pick<ByItselfLimits, 'scanPauseMs'>,
  clock: Clock,
  signal: AbortSignal,
): ByItself {
  let waitedMs = 0;
  async function waiting<T>(wait: () => Promise<T>): Promise<T> {
    const sinceMs = clock.now().getTime();
    try {
      return await wait();
    } finally {
      waitedMs += clock.now().getTime() - sinceMs;
    }
  }
  return {
    waitedMs: () => waitedMs,
    // Scans of both sides pause at the same time: these pauses count as work.
    scanned: () => pause(scanPauseMs, signal),
    looks: (all) => ({
      ...all,
      async arrived() {
        if ((await waiting(() => all.arrived())) === false)
          throw new Error(
            'events that were stored before the comparison have not arrived yet; the service tries again',
          );
      },
    }),
    repair: (all) => (findings, held) => {
      const own = findings.filter(({ kind }) => repairedKinds.has(kind));
      return all(own, held);
    },
  };
}

export interface ByItselfPorts {
  readonly models: readonly ComparedModel[];
  readonly limits: ByItselfLimits & VerificationLimits;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly pauseGate?: Pick<PauseGate, 'isPaused'> | undefined;
  /** Why nothing can be verified at this moment, such as a resync that runs. */
  readonly busy?: (() => string | undefined) | undefined;
  /** Reads the doubts that are stored. */
  look(): Promise<void>;
  /** Why a model must be verified at once, where no verification has dealt with that yet. */
  newDoubt(compared: ComparedModel): string | undefined;
  isRunning(compared: ComparedModel): boolean;
  /** Resolves when it has ended. */
  verify(compared: ComparedModel, repair: boolean, byItself: ByItself): Promise<void>;
}

/** Resolves when `signal` is aborted. */
export async function verifyByItself(ports: ByItselfPorts): Promise<void> {
  const { models, limits, clock, signal, pauseGate, busy, look } = ports;
  const dueMs = new Map<ComparedModel, number>();
  const nowMs = () => clock.now().getTime();

  async function one(compared: ComparedModel): Promise<void> {
    const isDue = ports.newDoubt(compared) !== undefined || nowMs() >= (dueMs.get(compared) ?? 0);
    if (ports.isRunning(compared) || !isDue) return;
    const byItself = beByItself(limits, clock, signal);
    const sinceMs = nowMs();
    await ports.verify(compared, limits.repairsByItself && !compared.generations?.().other, byItself);
    const workedMs = nowMs() - sinceMs - byItself.waitedMs();
    const restMs = Math.min(workedMs * (100 / limits.dutyPercent - 1), limits.restMaxMs);
    dueMs.set(compared, nowMs() + Math.max(limits.everyMs, restMs));
  }

  while (limits.everyMs > 0 && !signal.aborted) {
    await pause(Math.min(limits.everyMs, lookEveryMs), signal);
    await look();
    for (const compared of models) {
      if (signal.aborted) return;
      if (!pauseGate?.isPaused() && busy?.() === undefined) await one(compared);
    }
  }
}
