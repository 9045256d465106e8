// One verification as an operator sees it, from its beginning to its end.
import { type Clock, type Logger, reasonOf } from '../../engine/index.ts';
import { type DifferenceKind, differenceKinds } from './compare.ts';
import type { Finding, VerificationFigures } from './verification-ports.ts';

/** One verification, as it runs or as it ended. */
export interface Verification {
  readonly id: string;
  readonly model: string;
  readonly repair: boolean;
  readonly startedAt: Date;
  endedAt: Date | undefined;
  /** `equal`: nothing differs. `repaired`: what differed was repaired. `failed`: one side did not answer, and nothing is known. */
  state: 'running' | 'equal' | 'repaired' | 'different' | 'failed';
  /** Why it failed. */
  detail: string;
  readonly figures: VerificationFigures;
  /** The first findings; the figures count all of them. */
  readonly findings: Finding[];
}

export function begun(what: Pick<Verification, 'id' | 'model' | 'repair' | 'startedAt'>): Verification {
  const found = Object.fromEntries(differenceKinds.map((kind) => [kind, 0])) as Record<DifferenceKind, number>;
  const scanning = { scannedDocuments: 0, estimatedDocuments: 0, buckets: 0, differingBuckets: 0, comparedBuckets: 0 };
  const figures = { ...scanning, comparedDocuments: 0, moving: 0, ofOtherFolds: 0, repaired: 0, found };
  return { ...what, endedAt: undefined, state: 'running', detail: '', figures, findings: [] };
}

/** Lists a finding while there is room for one more. */
export function listing({ findings }: Verification, findingsMax: number): (finding: Finding) => void {
  return (finding) => void (findings.length < findingsMax && findings.push(finding));
}

export interface Ending {
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborted with the reason, when the service stops or somebody else needs the model. */
  readonly signal: AbortSignal;
}

export type Result = Pick<Verification, 'state' | 'detail'> & { readonly endedAt: Date };

/**
 * Resolves after `work` has ended, and says how. It never rejects.
 *
 * @param store called with the result before the verification shows it
 */
export async function ended(
  verification: Verification,
  work: () => Promise<void>,
  { clock, log, signal }: Ending,
  store?: (result: Result) => Promise<void>,
): Promise<void> {
  const { model, figures } = verification;
  const outcome = await work().then(
    () => ({ state: stateOf(figures), detail: '' }),
    (error: unknown) => {
      if (!signal.aborted) log.warn({ err: error, model }, 'a verification failed');
      return { state: 'failed' as const, detail: reasonOf(signal.aborted ? signal.reason : error) };
    },
  );
  const result = { ...outcome, endedAt: clock.now() };
  await store?.(result).catch((error: unknown) =>
    log.warn({ err: error, model }, 'the result of a verification could not be stored'),
  );
  Object.assign(verification, result);
}

function stateOf({ found, repaired, ofOtherFolds }: VerificationFigures): Verification['state'] {
  const count = Object.values(found).reduce((sum, one) => sum + one, 0);
  if (ofOtherFolds > 0 || count > repaired) return 'different';
  return count > 0 ? 'repaired' : 'equal';
}
