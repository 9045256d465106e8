// What `plan` and `apply` begin with: read the files, look at the servers, and go on only when no rule forbids it.
import { type Context, counting, exitCodes, print, sourceOf, withTargets } from '../context.ts';
import { ConnectFailure } from '../failure.ts';
import { type Finding, isError } from '../lint/finding.ts';
import { findingsAsText } from '../output.ts';
import { refusalsIn, type Survey, type SurveyFlags, survey } from '../survey.ts';
import type { Targets } from '../targets.ts';

/**
 * @param nothing the verb's JSON, besides `faults`, when a rule forbids to go on
 * @throws `prune-needs-folders`: of a part of the files nobody knows what is missing
 */
export async function withSurvey(
  paths: readonly string[],
  flags: SurveyFlags,
  context: Context,
  nothing: object,
  work: (found: Survey, targets: Targets) => Promise<number>,
): Promise<number> {
  const source = await sourceOf(paths, context);
  const refused = (findings: readonly Finding[]): number => {
    const { colors } = context;
    print(context, { faults: findings, ...nothing }, findingsAsText(findings, colors));
    return exitCodes.error;
  };
  if (source.findings.some(isError)) return refused(source.findings);
  if (flags.prune && !source.whole) {
    throw new ConnectFailure(
      'prune-needs-folders',
      '--prune takes folders only: whoever names single files says nothing about the connectors of the others.',
    );
  }
  return withTargets(context, async (targets) => {
    const { config, signal } = context;
    const found = await survey(source, targets, { ...flags, ...counting(context), limits: config.limits, signal });
    if (found.findings.some(isError)) return refused(found.findings);
    return refusalsIn(found).length > 0 ? refusedOfTopics(found, nothing, context) : work(found, targets);
  });
}

/** What topics hold is at stake: said before anything is changed. */
function refusedOfTopics(found: Survey, nothing: object, context: Context): number {
  const { colors } = context;
  const { findings, newTopics, wouldDelete } = found;
  const told = refusalsIn(found).map((reason) => colors.red(`error: ${reason}`));
  print(context, { faults: findings, newTopics, wouldDelete, ...nothing }, told);
  return exitCodes.error;
}
