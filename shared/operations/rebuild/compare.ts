// A verification of the other generation, whose source is the live one: a merge-join of two sorted scans, streamed, so that its
// cost does not grow with what differs. Both stand in one store, so placeholders and documents of other folds are compared too.
import type { ProjectedDocument, StoredDocument } from '../../engine/index.ts';
import { pause } from '../../running/index.ts';
import { type Difference, differencesBetween } from '../verification/compare.ts';
import { entryOf, wholeForm } from '../verification/content.ts';
import type { Verification } from '../verification/verification.ts';
import type { VerificationFigures } from '../verification/verification-ports.ts';
import type { Looks } from '../verification/verify.ts';
import { mergeJoin } from './merge-join.ts';
import type { GenerationCollection } from './rebuilt-model.ts';

/** `figures.comparedDocuments` counts all documents, and `figures.estimatedDocuments` says about how many there are. */
export interface Comparison extends Verification {
  readonly live: string;
  readonly other: string;
}

export interface CompareLimits {
  readonly findingsMax: number;
  /** How long a difference of versions may be a write on its way. */
  readonly settleMs: number;
}

const subjectsAtOnceMax = 1000;

export interface SideBySide {
  readonly live: GenerationCollection;
  readonly other: GenerationCollection;
  readonly figures: VerificationFigures;
  readonly settleMs: number;
  readonly signal: AbortSignal;
}

export function sideBySide({ live, other, figures, settleMs, signal }: SideBySide): Looks {
  return {
    async *first() {
      const unsettled: Difference[] = [];
      figures.estimatedDocuments = await live.estimate();
      for await (const pair of mergeJoin(live.scan(), other.scan())) {
        figures.comparedDocuments += 1;
        if (figures.comparedDocuments % subjectsAtOnceMax === 0) signal.throwIfAborted();
        const [difference] = differencesBetween(entriesOf(pair.other), entriesOf(pair.one));
        if (!difference) continue;
        // Documents at the same version need no second look.
        if (difference.copy?.version === difference.source?.version)
          yield { differences: [difference], mayPass: false };
        else if (unsettled.push(difference) >= subjectsAtOnceMax)
          yield { differences: unsettled.splice(0), mayPass: true };
      }
      yield { differences: unsettled, mayPass: true };
    },
    async again(subjects) {
      const [ofOther, ofLive] = await Promise.all([other.documents.read(subjects), live.documents.read(subjects)]);
      return differencesBetween(entriesOf(...ofOther.values()), entriesOf(...ofLive.values()));
    },
    async arrived() {
      await pause(settleMs, signal);
      signal.throwIfAborted();
    },
  };
}

/** A placeholder has no more than a subject, a version and a state. */
function entriesOf(...documents: readonly (StoredDocument | undefined)[]) {
  return documents.flatMap((document) => (document ? [entryOf(wholeForm, document as ProjectedDocument)] : []));
}
