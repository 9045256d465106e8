// The verification of every model: the copies in the live collection are compared with the source that the origin of the model offers.
import { type CompletenessDocument, mongoCompleteness, mongoCopies } from '../adapters/mongodb/index.ts';
import { arrivalLimits, verifierLimits } from '../config/index.ts';
import type { Projector } from '../engine/index.ts';
import {
  arrivedBy,
  type ComparedModel,
  type Copies,
  createVerifier,
  type SharedForm,
  type Verifier,
  verificationMetrics,
} from '../operations/index.ts';
import type { ProgressSource } from '../running/index.ts';
import { isNamedIn, type OpenModel, type OpenModels } from './models.ts';
import type { Origin } from './origins/origin.ts';
import type { Parts } from './parts.ts';

export interface VerificationWork {
  readonly models: OpenModels;
  readonly originOf: (model: OpenModel) => Origin;
  readonly arrivalOf: (model: OpenModel) => ProgressSource;
  readonly apply: Projector['apply'];
  /** Why nothing can be verified at this moment. */
  readonly busy: () => string | undefined;
}

export function openVerification(parts: Parts, work: VerificationWork): Verifier {
  const { config, db, pauseGate, clock, ids, logger: log, metrics } = parts;
  const models = Object.values(work.models).map((model) => comparedModel(parts, work, model));
  const completeness = mongoCompleteness(db.collection<CompletenessDocument>('Completeness'));
  const limits = verifierLimits(config);
  const verifier = createVerifier({ models, pauseGate, clock, ids, log, limits, completeness, busy: work.busy });
  verificationMetrics(metrics, verifier.models);
  return verifier;
}

function comparedModel(
  { config, held, gate }: Parts,
  { models, originOf, arrivalOf, apply }: VerificationWork,
  model: OpenModel,
): ComparedModel {
  const origin = originOf(model);
  const { form, source, sourceName } = origin.comparison(model.model.projection);
  return {
    form,
    source,
    sourceName,
    owner: origin,
    model: model.shown,
    generations: model.record,
    held,
    apply,
    gate,
    isNamed: isNamedIn(models),
    copies: liveCopies(model, form),
    arrived: arrivedBy(arrivalOf(model), arrivalLimits(config)),
  };
}

/** Of the generation that is live at each question; written only by a process that may rely on what it knows. */
function liveCopies(from: OpenModel, form: SharedForm): Copies {
  const now = () => mongoCopies(from.collection, from.model.projection, form);
  return {
    estimate: () => now().estimate(),
    digests: (...asked) => now().digests(...asked),
    entries: (...asked) => now().entries(...asked),
    async replace(...found) {
      from.assertFresh();
      return now().replace(...found);
    },
    async removeUnreadable(subjects) {
      from.assertFresh();
      return now().removeUnreadable(subjects);
    },
    async remove(found) {
      from.assertFresh();
      return now().remove(found);
    },
  };
}
