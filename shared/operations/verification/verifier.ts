// Runs verifications, one at a time for each model: when an operator asks, at once when a model is in doubt, and by itself now and then. When
// a model was last equal, and why it is in doubt, is stored; the findings are in memory only.

import { type Clock, Failure, type Ids, type Logger } from '../../engine/index.ts';
import type { PauseGate } from '../pause/pause-gate.ts';
import { openBucketLooks } from './bucket-looks.ts';
import { type ByItself, type ByItselfLimits, type ByItselfPorts, verifyByItself } from './by-itself.ts';
import type { Completeness, CompletenessStore, Doubt } from './completeness.ts';
import { assertAlone, liveOf } from './one-generation.ts';
import { createRepair } from './repair.ts';
import { begun, ended, listing, type Result, type Verification } from './verification.ts';
import type { ComparedModel, VerificationLimits } from './verification-ports.ts';
import { verify } from './verify.ts';

/** What is known of a model. */
export interface VerifiedModel {
  readonly name: string;
  readonly sourceName: string;
  /** When the collection that is live now was last verified equal; what changed since is not judged. */
  readonly equalAt: Date | undefined;
  /** Why it may lack something although nothing shows it; undefined where it was verified equal since. */
  readonly doubt: Doubt | undefined;
  /** The last one that ended, of the collection that is live now. */
  readonly last: Verification | undefined;
}

export interface VerifierLimits extends VerificationLimits, ByItselfLimits {
  /** Verifications that are kept to be shown. */
  readonly keptMax: number;
}

export interface VerifierPorts {
  readonly models: readonly ComparedModel[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly limits: VerifierLimits;
  readonly completeness: CompletenessStore;
  readonly busy?: ByItselfPorts['busy'];
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
  /** Puts models in doubt; those that are not verified here are left out. */
  doubt(models: readonly string[], reason: string): Promise<void>;
  close(): Promise<void>;
}

interface Running {
  readonly done: Promise<void>;
  /** Ends one that nobody asked for. */
  readonly giveWay: (() => void) | undefined;
}

interface LastRun {
  readonly live: string;
  readonly last: Verification;
}

/** Subjects that a line of the log names. */
const toldMax = 10;

export function createVerifier(ports: VerifierPorts): Verifier {
  const { models, clock, ids, log, limits, completeness, busy, pauseGate } = ports;
  const kept = new Map<string, Verification>();
  const running = new Map<string, Running>();
  const lastRuns = new Map<string, LastRun>();
  /** As stored, when it was last read. */
  const known = new Map<string, Completeness>();
  /** By model, the doubt that a verification by itself has dealt with. */
  const tried = new Map<string, string | undefined>();
  const closing = new AbortController();
  const { signal } = closing;
  const nameOf = ({ model }: ComparedModel) => model.projection.name;
  const doubtBecause = (reason: string): Doubt => ({ id: ids.next(), reason, since: clock.now() });

  /** Reads what is stored. A model that is not known there is in doubt. */
  async function look(): Promise<void> {
    const stored = new Map((await completeness.all()).map((one) => [one.model, one]));
    for (const [name, one] of stored) known.set(name, one);
    const unknown = models.map(nameOf).filter((name) => !stored.has(name));
    for (const name of unknown) {
      const doubt = doubtBecause('it was never verified since its database was made');
      await completeness.open(name, doubt);
      known.set(name, { model: name, equal: undefined, doubt });
    }
  }

  const lookQuietly = () =>
    look().catch((error: unknown) => log.warn({ err: error }, 'the doubts about the models could not be read'));

  /** The last verification, unless it was of a collection that is no longer live. */
  function lastRunOf(compared: ComparedModel): LastRun | undefined {
    const last = lastRuns.get(nameOf(compared));
    return last?.live === liveOf(compared) ? last : undefined;
  }

  function begin(compared: ComparedModel, repair: boolean, byItself?: ByItself): Verification {
    const model = nameOf(compared);
    const verification = begun({ id: ids.next(), model, repair, startedAt: clock.now() });
    keep(verification);
    const ending = new AbortController();
    const ended = running.get(model)?.done ?? Promise.resolve();
    const done = ended.then(() => run(compared, verification, AbortSignal.any([signal, ending.signal]), byItself));
    const giveWay = byItself && (() => ending.abort(new Error('an operator asked for a verification meanwhile')));
    running.set(model, { done, giveWay });
    void done.finally(() => {
      if (running.get(model)?.done === done) running.delete(model);
    });
    return verification;
  }

  function keep(verification: Verification): void {
    kept.set(verification.id, verification);
    const ended = [...kept.values()].filter(({ state }) => state !== 'running');
    for (const { id } of ended.slice(0, Math.max(0, kept.size - limits.keptMax))) kept.delete(id);
  }

  async function run(
    compared: ComparedModel,
    verification: Verification,
    signal: AbortSignal,
    byItself?: ByItself,
  ): Promise<void> {
    const { figures, model } = verification;
    const live = liveOf(compared);
    const scan = { signal, scanned: byItself?.scanned };
    let doubtId: string | undefined;
    const work = async () => {
      await look();
      doubtId = known.get(model)?.doubt?.id;
      const looks = await openBucketLooks(compared, figures, scan);
      const all = verification.repair
        ? createRepair(compared, limits, looks.surplus, byItself !== undefined)
        : undefined;
      const repair = byItself && all ? byItself.repair(all) : all;
      const found = listing(verification, limits.findingsMax);
      await verify(byItself?.looks(looks) ?? looks, { figures, found, held: compared.held, repair });
      const liveNow = liveOf(compared);
      if (live !== liveNow) throw new Error(`the live collection changed from ${live} to ${liveNow}: verify again`);
    };
    const store = (result: Result) => storeResult(verification, result, { live, doubtId });
    await ended(verification, work, { clock, log, signal }, store);
    lastRuns.set(model, { live: liveOf(compared), last: verification });
    tell(verification);
  }

  async function storeResult(
    { model, figures, startedAt }: Verification,
    { state, endedAt }: Result,
    { live, doubtId }: { readonly live: string; readonly doubtId: string | undefined },
  ): Promise<void> {
    // A repaired model counts as equal from the end, because its repaired subjects were compared again then.
    const at = state === 'equal' ? startedAt : state === 'repaired' ? endedAt : undefined;
    if (at) await completeness.foundEqual(model, { live, at }, doubtId);
    else if (state === 'different' && !known.get(model)?.doubt) {
      const count = Object.values(figures.found).reduce((sum, one) => sum + one, 0) - figures.repaired;
      const what = count > 0 ? `${count} subjects that differ` : `${figures.ofOtherFolds} documents of another fold`;
      const doubt = doubtBecause(`a verification found ${what}`);
      tried.set(model, doubt.id);
      await completeness.doubt(model, doubt);
    }
    await look();
  }

  function tell({ model, state, figures, findings }: Verification): void {
    const subjects = findings.slice(0, toldMax).map(({ kind, subject }) => `${subject} (${kind})`);
    if (state === 'different') log.error({ model, ...figures, subjects }, 'a read model differs from its source');
    if (state === 'repaired') log.warn({ model, ...figures, subjects }, 'a read model lacked events, and was repaired');
  }

  /** The id of the doubt; after a switchover the live collection, which was not verified yet. */
  function reasonToVerify(compared: ComparedModel): string | undefined {
    const { doubt, equal } = known.get(nameOf(compared)) ?? {};
    const live = liveOf(compared);
    return doubt?.id ?? (equal?.live === live ? undefined : live);
  }

  const byItself = verifyByItself({
    models,
    limits,
    clock,
    signal,
    pauseGate,
    busy,
    look: lookQuietly,
    newDoubt(compared) {
      const reason = reasonToVerify(compared);
      return reason === tried.get(nameOf(compared)) ? undefined : reason;
    },
    isRunning: (compared) => running.has(nameOf(compared)),
    async verify(compared, repair, mode) {
      tried.set(nameOf(compared), reasonToVerify(compared));
      begin(compared, repair, mode);
      await running.get(nameOf(compared))?.done;
    },
  });
  const looked = lookQuietly();

  return {
    start(name, repair) {
      const compared = models.find((one) => nameOf(one) === name);
      if (!compared) {
        const names = models.map(nameOf).join(', ');
        throw new Failure('not-found', `There is no model ${name} here. There are: ${names}.`);
      }
      const before = running.get(name);
      if (before && !before.giveWay)
        throw new Failure('verification-running', `A verification of ${name} is running; ask again when it has ended.`);
      if (repair) {
        pauseGate?.assertRunning();
        assertAlone(compared);
      }
      before?.giveWay?.();
      return begin(compared, repair);
    },
    get(id) {
      const found = kept.get(id);
      if (found) return found;
      throw new Failure('not-found', `There is no verification ${id}; the last ${limits.keptMax} are kept.`);
    },
    models: () =>
      models.map((compared) => {
        const name = nameOf(compared);
        const { equal, doubt } = known.get(name) ?? {};
        const equalAt = equal?.live === liveOf(compared) ? equal.at : undefined;
        return { name, sourceName: compared.sourceName, equalAt, doubt, last: lastRunOf(compared)?.last };
      }),
    async doubt(names, reason) {
      const doubted = models.map(nameOf).filter((name) => names.includes(name));
      for (const name of doubted) await completeness.doubt(name, doubtBecause(reason));
      if (doubted.length > 0)
        log.warn({ models: doubted, reason }, 'models are in doubt until they are verified equal');
      await look();
    },
    async close() {
      closing.abort(new Error('the service was stopped'));
      await looked;
      await byItself;
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
