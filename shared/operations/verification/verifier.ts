// Runs verifications: one at a time for each model, when an operator asks and now and then by itself. What it knows is kept in
// memory: after a restart a model is unproved until it is proved again.

import { type Clock, Failure, type Ids, type Logger } from '../../engine/index.ts';
import { pause } from '../../running/index.ts';
import type { PauseLever } from '../pause/pause-lever.ts';
import { openBucketLooks } from './bucket-looks.ts';
import { assertAlone, liveOf } from './one-generation.ts';
import type { ProofLimits, ProvedModel } from './proof-ports.ts';
import { createRepair } from './repair.ts';
import { begun, ended, listing, type Verification } from './verification.ts';
import { verify } from './verify.ts';

/** What is known of a model. */
export interface ModelProof {
  readonly name: string;
  readonly sourceName: string;
  /** When the collection that is live now was last proved equal; what changed since is not judged. */
  readonly equalAt: Date | undefined;
  /** The last one that ended, of the collection that is live now. */
  readonly last: Verification | undefined;
}

export interface VerifierLimits extends ProofLimits {
  /** Verifications that are kept to be shown. */
  readonly keptMax: number;
  /** How long after the end of one look at all models the next one begins; 0: only when somebody asks. */
  readonly everyMs: number;
  /** How long a look by itself pauses after each part of a scan. */
  readonly scanPauseMs: number;
}

export interface VerifierPorts {
  readonly models: readonly ProvedModel[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly limits: VerifierLimits;
  /** While it is paused nothing is mended, and nobody is told that the copies are behind. */
  readonly lever?: Pick<PauseLever, 'isPaused' | 'assertRunning'>;
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
  models(): readonly ModelProof[];
  close(): Promise<void>;
}

interface Proof extends Pick<ModelProof, 'equalAt'> {
  readonly live: string;
  readonly last: Verification;
}

export function createVerifier({ models, clock, ids, log, limits, lever }: VerifierPorts): Verifier {
  const kept = new Map<string, Verification>();
  const running = new Map<string, Promise<void>>();
  const proofs = new Map<string, Proof>();
  const closing = new AbortController();
  const nameOf = ({ model }: ProvedModel) => model.projection.name;

  /** What was proved of another collection says nothing of this one. */
  function proofOf(proved: ProvedModel): Proof | undefined {
    const proof = proofs.get(nameOf(proved));
    return proof?.live === liveOf(proved) ? proof : undefined;
  }

  function begin(proved: ProvedModel, repair: boolean, pauseMs: number): Verification {
    const model = nameOf(proved);
    const verification = begun({ id: ids.next(), model, repair, startedAt: clock.now() });
    keep(verification);
    const done = run(proved, verification, pauseMs).finally(() => running.delete(model));
    running.set(model, done);
    return verification;
  }

  function keep(verification: Verification): void {
    kept.set(verification.id, verification);
    const ended = [...kept.values()].filter(({ state }) => state !== 'running');
    for (const { id } of ended.slice(0, Math.max(0, kept.size - limits.keptMax))) kept.delete(id);
  }

  async function run(proved: ProvedModel, verification: Verification, pauseMs: number): Promise<void> {
    const { figures } = verification;
    const { signal } = closing;
    const live = liveOf(proved);
    const scan = { signal, scanned: () => (pauseMs > 0 ? pause(pauseMs, signal) : undefined) };
    const work = async () => {
      const looks = await openBucketLooks(proved, figures, scan);
      const repair = verification.repair ? createRepair(proved, limits, looks.surplus) : undefined;
      await verify(looks, { figures, found: listing(verification, limits.findingsMax), held: proved.held, repair });
      const liveNow = liveOf(proved);
      if (live !== liveNow) throw new Error(`the live collection changed from ${live} to ${liveNow}: verify again`);
    };
    await ended(verification, work, { clock, log, signal });
    const equalAt = equalSince(verification) ?? proofOf(proved)?.equalAt;
    proofs.set(verification.model, { live: liveOf(proved), last: verification, equalAt });
    if (verification.state === 'different')
      log.error({ model: verification.model, ...figures }, 'a read model differs from its source');
  }

  async function runByItself(): Promise<void> {
    while (limits.everyMs > 0 && !closing.signal.aborted) {
      await pause(limits.everyMs, closing.signal);
      for (const proved of models) {
        if (closing.signal.aborted) return;
        if (lever?.isPaused()) continue;
        if (!running.has(nameOf(proved))) begin(proved, false, limits.scanPauseMs);
        await running.get(nameOf(proved));
      }
    }
  }
  const byItself = runByItself();

  return {
    start(name, repair) {
      const proved = models.find((one) => nameOf(one) === name);
      if (!proved) {
        const names = models.map(nameOf).join(', ');
        throw new Failure('not-found', `There is no model ${name} here. There are: ${names}.`);
      }
      if (running.has(name))
        throw new Failure('verification-running', `A verification of ${name} is running; ask again when it has ended.`);
      if (repair) {
        lever?.assertRunning();
        assertAlone(proved);
      }
      return begin(proved, repair, 0);
    },
    get(id) {
      const found = kept.get(id);
      if (found) return found;
      throw new Failure('not-found', `There is no verification ${id}; the last ${limits.keptMax} are kept.`);
    },
    models: () =>
      models.map((proved) => {
        const { equalAt, last } = proofOf(proved) ?? {};
        return { name: nameOf(proved), sourceName: proved.sourceName, equalAt, last };
      }),
    async close() {
      closing.abort();
      await byItself;
      await Promise.all(running.values());
    },
  };
}

/** What was mended was looked at once more at the end. */
function equalSince({ state, startedAt, endedAt }: Verification): Date | undefined {
  return state === 'equal' ? startedAt : state === 'mended' ? endedAt : undefined;
}
