// `plan` and `apply`: what differs between the files and the worker, and bringing the worker to what the files say.

import { agreed } from '../../terminal/index.ts';
import { applyChanges, countOutcomes } from '../apply.ts';
import {
  type Context,
  codeOf,
  counting,
  exitCodes,
  type Flags,
  forALook,
  json,
  print,
  sourceOf,
  withPatience,
  withTargets,
} from '../context.ts';
import { ConnectFailure } from '../failure.ts';
import { type Finding, isError } from '../lint/rules.ts';
import { appliedAsText, changesAsText, findingsAsText, maskedChanges, unnamedAsText } from '../output.ts';
import { isPending } from '../reconcile.ts';
import { refusalsIn, type Survey, type SurveyFlags, survey } from '../survey.ts';
import type { Targets } from '../wait.ts';

/**
 * @param nothing the verb's JSON, besides `faults`, when a rule forbids to go on
 * @throws `prune-needs-folders`: of a part of the files nobody knows what is missing
 */
async function withSurvey(
  paths: readonly string[],
  flags: SurveyFlags,
  context: Context,
  nothing: object,
  work: (found: Survey, targets: Targets) => Promise<number>,
): Promise<number> {
  const source = await sourceOf(paths, context);
  const { colors, config, signal } = context;
  const refused = (data: object, text: readonly string[]): number => {
    print(context, { ...data, ...nothing }, text);
    return exitCodes.error;
  };
  const broken = (findings: readonly Finding[]) => refused({ faults: findings }, findingsAsText(findings, colors));
  if (source.findings.some(isError)) return broken(source.findings);
  if (flags.prune && !source.whole) {
    throw new ConnectFailure(
      'prune-needs-folders',
      '--prune takes folders only: whoever names single files says nothing about the connectors of the others.',
    );
  }
  return withTargets(context, async (targets) => {
    const counted = { countDocuments: counting(context), limits: config.limits, signal };
    const found = await survey(source, targets, { ...flags, ...counted });
    const { findings, newTopics, wouldDelete } = found;
    if (findings.some(isError)) return broken(findings);
    const refusals = refusalsIn(found);
    if (refusals.length === 0) return work(found, targets);
    // What topics hold is at stake: said before anything is changed.
    const text = refusals.map((reason) => colors.red(`error: ${reason}`));
    return refused({ faults: findings, newTopics, wouldDelete }, text);
  });
}

const nothingPlanned = { changes: [], strays: [], unnamed: [], pending: 0 };

export function plan(paths: readonly string[], given: Context, flags: SurveyFlags): Promise<number> {
  const context = forALook(given);
  return withSurvey(paths, flags, context, nothingPlanned, async (found) => {
    const { findings, changes, strays, unnamed } = found;
    const pending = changes.filter(isPending).length;
    print(
      context,
      { faults: findings, changes: maskedChanges(changes), strays, unnamed, pending },
      surveyAsText(found, flags, context),
    );
    return pending > 0 ? exitCodes.pending : exitCodes.ok;
  });
}

/** Warnings first, then what topics have besides, then the changes. */
function surveyAsText(
  { findings, changes, strays, unnamed }: Survey,
  { prune, resetTopicSettings }: SurveyFlags,
  { colors }: Pick<Context, 'colors'>,
): string[] {
  const told = findings.length > 0 ? findingsAsText(findings, colors) : [];
  const left = unnamedAsText(unnamed, resetTopicSettings, colors);
  return [...told, ...left, ...changesAsText(changes, prune ? [] : strays, colors)];
}

interface ApplyFlags extends SurveyFlags, Flags {
  readonly dryRun?: boolean | undefined;
}

const nothingApplied = { unnamed: [], applied: [], connectors: [], counts: countOutcomes([]) };

export function apply(paths: readonly string[], given: Context, flags: ApplyFlags): Promise<number> {
  if (flags.dryRun) return plan(paths, given, flags);
  const context = withPatience(given, flags.wait);
  const { stdout, stderr, colors, format, config, signal } = context;
  return withSurvey(paths, flags, context, nothingApplied, async (found, targets) => {
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
    return codeOf(applied, health);
  });
}
