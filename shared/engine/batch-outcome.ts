// What one batch did, for whoever counts it, waits for it, or acts on it.
import type { ModelWork } from './batch-work.ts';
import type { StoredEvent } from './event.ts';
import type { Fork } from './fold.ts';
import type { Held } from './ports.ts';
import type { ProjectedDocument } from './projection.ts';

/** What one batch did; counted by metrics, acted on by whoever follows the projector. */
export interface BatchOutcome {
  readonly applied: number;
  readonly repeats: number;
  readonly ignored: number;
  /** Messages that say nothing to this consumer. */
  readonly passedOver: number;
  readonly forks: readonly Fork[];
  readonly held: readonly Omit<Held, 'attempts'>[];
  /** Every subject of the batch with the version its document is at now. */
  readonly versions: ReadonlyMap<string, number>;
  /** Documents as they were before and after, for those that changed. */
  readonly changes: readonly Change[];
}

export interface Change {
  readonly before: ProjectedDocument | undefined;
  readonly after: ProjectedDocument;
  readonly events: readonly StoredEvent[];
}

export function outcomeOf(
  models: readonly ModelWork[],
  {
    unreadable,
    ignored,
    passedOver,
  }: Pick<BatchOutcome, 'ignored' | 'passedOver'> & {
    readonly unreadable: readonly { position: string; detail: string }[];
  },
  since: Date,
): BatchOutcome {
  const outcome = { applied: 0, repeats: 0, forks: [] as Fork[], changes: [] as Change[] };
  const held: Omit<Held, 'attempts'>[] = unreadable.map(({ position, detail }) => ({
    key: position,
    projection: '',
    appliedVersion: 0,
    seenVersion: 0,
    reason: 'unreadable',
    detail,
    since,
  }));
  const versions = new Map<string, number>();
  for (const { model, subjects } of models) {
    for (const [subject, { base, folding, events }] of subjects) {
      if (!folding) continue;
      outcome.applied += folding.applied;
      outcome.repeats += folding.repeats;
      outcome.forks.push(...folding.forks);
      const appliedVersion = folding.document?.version ?? 0;
      versions.set(subject, appliedVersion);
      if (folding.document && folding.document !== base)
        outcome.changes.push({ before: base, after: folding.document, events });
      if (folding.stop) {
        const { reason, version, detail } = folding.stop;
        held.push({
          key: subject,
          projection: model.projection.name,
          appliedVersion,
          seenVersion: events.reduce((highest, { version }) => Math.max(highest, version), 0),
          reason,
          detail: `version ${version}: ${detail}`,
          since,
        });
      }
    }
  }
  return { ...outcome, ignored, passedOver, held, versions };
}
