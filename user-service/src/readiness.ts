// What `/readyz` says of user-service: events arrive in the snapshots, or it is not ready; held subjects and clashes are shown.
import type { HeldSubjects, PauseLever, ProgressWatch, StoredPosition, Verifier } from 'foldline/engine';
import {
  heldCheck,
  pauseCheck,
  progressChecks,
  proofCheck,
  type Readiness,
  shownMax,
  withoutAddresses,
} from 'foldline/fastify';
import type { AddressClaims } from './users/address-claims.ts';
import type { SnapshotProjector } from './users/snapshot-projector.ts';

export interface ReadinessPorts {
  readonly progress: ProgressWatch;
  readonly lever: Pick<PauseLever, 'name' | 'current' | 'reasons'>;
  /** The newest event of a subject that is none of these. */
  readonly newest: (besides?: readonly string[]) => Promise<StoredPosition | undefined>;
  readonly projector: Pick<SnapshotProjector, 'trouble' | 'hasScanned' | 'mender'>;
  readonly verifier: Pick<Verifier, 'models'>;
  readonly held: HeldSubjects;
  readonly addresses: AddressClaims;
}

export function readinessOf({
  progress,
  lever,
  newest,
  projector,
  verifier,
  held,
  addresses,
}: ReadinessPorts): (verbose: boolean) => Promise<Readiness> {
  return async (verbose) => {
    const checks = progressChecks(progress.reports());
    const ready = checks.every((check) => check.ready);
    if (!verbose) return { ready, checks: [] };
    const trouble = projector.trouble();
    const [newestEvent, heldCount, heldList, clashCount, clashes] = await Promise.all([
      newest(),
      held.count(),
      held.list(shownMax),
      addresses.count(),
      addresses.list(shownMax),
    ]);
    // An event that holds its subject never comes to a snapshot.
    const heldKeys = heldList.map(({ key }) => key);
    const newestUnheld = newestEvent && heldKeys.includes(newestEvent.subject) ? await newest(heldKeys) : newestEvent;
    return {
      ready,
      checks: [
        // The shop compares the newest event with what it has of it: its own proof that user events arrive. And it takes
        // snapshots in place of events only when they are complete, up to the newest that a snapshot can have.
        ...checks.map((check) => ({
          ...check,
          data: {
            newest: newestEvent ?? null,
            newestUnheld: newestUnheld ?? null,
            complete: projector.hasScanned(),
          },
        })),
        { name: 'projector', ready: true, detail: trouble ? `last error: ${withoutAddresses(trouble)}` : 'no error' },
        pauseCheck(lever),
        heldCheck(heldCount, heldList, projector.mender.trouble()),
        proofCheck(verifier.models()),
        {
          name: 'address-clashes',
          ready: true,
          detail: `${clashCount} subjects could not claim their address`,
          data: clashes,
        },
      ],
    };
  };
}
