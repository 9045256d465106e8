// Runs verifications, one at a time for each model: when an operator asks, and by itself now and then. Results are in memory only: after a
// restart a model is unverified until it is verified again.

import { type Clock, Failure, type Ids, type Logger } from '../../engine/index.ts';
import { pause } from '../../running/index.ts';
import type { PauseGate } from '../pause/pause-gate.ts';
import { openBucketLooks } from './bucket-looks.ts';
import { assertAlone, liveOf } from './one-generation.ts';
import { createRepair } from './repair.ts';
import { begun, ended, listing, type Verification } from './verification.ts';
import type { ComparedModel, VerificationLimits } from './verification-ports.ts';
import { verify } from './verify.ts';

/** What is known of a model. */
export interface VerifiedModel {
  readonly name: string;
  readonly sourceName: string;
  /** When the collection that is live now was last verified equal; what changed since is not judged. */
  readonly equalAt: Date | undefined;
  /** The last one that ended, of the collection that is live now. */
  readonly last: Verification | undefined;
}

export interface VerifierLimits extends VerificationLimits {
  /** Verifications that are kept to be shown. */
  readonly keptMax: number;
  /** How long after the end of one look at all models the next one begins; 0: only when somebody asks. */
  readonly everyMs: number;
  /** How long a look by itself pauses after each part of a scan. */
  readonly scanPauseMs: number;
}

export interface VerifierPorts {
  readonly models: readonly ComparedModel[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly limits: VerifierLimits;
  /** While it is paused nothing is repaired, and nobody is told that the copies are behind. */
  readonly pauseGate?: Pick<PauseGate, 'isPaused' | 'assertRunning'>;
}

export interface Verifier {
  /**
   * Begins one and returns at once.
   *
   * @throws Failure `not-found` naming the models, `verification-running`; for a repair also `projection-paused`, and
   * `rebuild-refused` while the model has another generation
   */
  start(model: string, repair: boolean): Verification;
  /** @throws Failure `not-found` */
  get(id: string): Verification;
  models(): readonly VerifiedModel[];
  close(): Promise<void>;
}

interface LastRun extends Pick<VerifiedModel, 'equalAt'> {
  readonly live: string;
  readonly last: Verification;
}

export function createVerifier({ models, clock, ids, log, limits, pauseGate }: VerifierPorts): Verifier {
  const kept = new Map<string, Verification>();
  const running = new Map<string, Promise<void>>();
  const lastRuns = new Map<string, LastRun>();
  const closing = new AbortController();
  const nameOf = ({ model }: ComparedModel) => model.projection.name;

  /** The last verification, unless it was of a collection that is no longer live. */
  function lastRunOf(compared: ComparedModel): LastRun | undefined {
    const last = lastRuns.get(nameOf(compared));
    return last?.live === liveOf(compared) ? last : undefined;
  }

  function begin(compared: ComparedModel, repair: boolean, pauseMs: number): Verification {
    const model = nameOf(compared);
    const verification = begun({ id: ids.next(), model, repair, startedAt: clock.now() });
    keep(verification);
    const done = run(compared, verification, pauseMs).finally(() => running.delete(model));
    running.set(model, done);
    return verification;
  }

  function keep(verification: Verification): void {
    kept.set(verification.id, verification);
    const ended = [...kept.values()].filter(({ state }) => state !== 'running');
    for (const { id } of ended.slice(0, Math.max(0, kept.size - limits.keptMax))) kept.delete(id);
  }

  async function run(compared: ComparedModel, verification: Verification, pauseMs: number): Promise<void> {
    const { figures } = verification;
    const { signal } = closing;
    const live = liveOf(compared);
    const scan = { signal, scanned: () => (pauseMs > 0 ? pause(pauseMs, signal) : undefined) };
    const work = async () => {
      const looks = await openBucketLooks(compared, figures, scan);
      const repair = verification.repair ? createRepair(compared, limits, looks.surplus) : undefined;
      await verify(looks, { figures, found: listing(verification, limits.findingsMax), held: compared.held, repair });
      const liveNow = liveOf(compared);
      if (live !== liveNow) throw new Error(`the live collection changed from ${live} to ${liveNow}: verify again`);
    };
    await ended(verification, work, { clock, log, signal });
    const equalAt = equalSince(verification) ?? lastRunOf(compared)?.equalAt;
    lastRuns.set(verification.model, { live: liveOf(compared), last: verification, equalAt });
    if (verification.state === 'different')
      log.error({ model: verification.model, ...figures }, 'a read model differs from its source');
  }

  async function runByItself(): Promise<void> {
    while (limits.everyMs > 0 && !closing.signal.aborted) {
      await pause(limits.everyMs, closing.signal);
      for (const compared of models) {
        if (closing.signal.aborted) return;
        if (pauseGate?.isPaused()) continue;
        if (!running.has(nameOf(compared))) begin(compared, false, limits.scanPauseMs);
        await running.get(nameOf(compared));
      }
    }
  }
  const byItself = runByItself();

  return {
    start(name, repair) {
      const compared = models.find((one) => nameOf(one) === name);
      if (!compared) {
        const names = models.map(nameOf).join(', ');
        throw new Failure('not-found', `There is no model ${name} here. There are: ${names}.`);
      }
      if (running.has(name))
        throw new Failure('verification-running', `A verification of ${name} is running; ask again when it has ended.`);
      if (repair) {
        pauseGate?.assertRunning();
        assertAlone(compared);
      }
      return begin(compared, repair, 0);
    },
    get(id) {
      const found = kept.get(id);
      if (found) return found;
      throw new Failure('not-found', `There is no verification ${id}; the last ${limits.keptMax} are kept.`);
    },
    models: () =>
      models.map((compared) => {
        const { equalAt, last } = lastRunOf(compared) ?? {};
        return { name: nameOf(compared), sourceName: compared.sourceName, equalAt, last };
      }),
    async close() {
      closing.abort();
      await byItself;
      await Promise.all(running.values());
    },
  };
}

/** A repaired model counts as equal from the end, because its repaired subjects were compared again then. */
function equalSince({ state, startedAt, endedAt }: Verification): Date | undefined {
  return state === 'equal' ? startedAt : state === 'repaired' ? endedAt : undefined;
}
