// `apply`: topics, then connectors, then, with `--prune`, what belongs to the same owner and has no file any more.
import { agreed } from '../../terminal/index.ts';
import { applyChanges } from '../apply.ts';
import { type Context, exitCodes, json, withPatience } from '../context.ts';
import { countOutcomes } from '../outcome.ts';
import { appliedAsText, findingsAsText, unnamedAsText } from '../output.ts';
import { isPending } from '../reconcile.ts';
import type { SurveyFlags } from '../survey.ts';
import { plan, surveyAsText } from './plan.ts';
import { withSurvey } from './with-survey.ts';

interface ApplyFlags extends SurveyFlags {
  readonly yes?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  /** Seconds that all may take to run. */
  readonly wait?: number | undefined;
}

const nothing = { unnamed: [], applied: [], connectors: [], counts: countOutcomes([]) };

export function apply(paths: readonly string[], flags: ApplyFlags, given: Context): Promise<number> {
  if (flags.dryRun) return plan(paths, flags, given);
  const context = withPatience(given, flags.wait);
  const { stdout, stderr, colors, format, config, signal } = context;
  return withSurvey(paths, flags, context, nothing, async (found, targets) => {
    const { files, findings, changes, unnamed } = found;
    const question = () => [...surveyAsText(found, flags, context), 'Apply?'];
    if (changes.some(isPending) && !(await agreed(question(), flags.yes, context))) return exitCodes.error;

    const limits = config.limits;
    const { applied, health } = await applyChanges({ ...targets, files, changes, limits, onStep: stderr, signal });
    const counts = countOutcomes(applied);
    if (format === 'json') stdout(json({ faults: findings, unnamed, applied, connectors: health, counts }));
    else {
      if (findings.length > 0) stderr(findingsAsText(findings, colors));
      for (const line of unnamedAsText(unnamed, flags.resetTopicSettings, colors)) stderr(line);
      stdout(appliedAsText(applied, health, counts, colors));
    }
    if (counts.failed > 0) return exitCodes.error;
    return health.every((one) => one.running) ? exitCodes.ok : exitCodes.notHealthy;
  });
}
