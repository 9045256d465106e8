// `plan`: what `apply` would do, and what a rule holds against it; changes nothing.
import { type Context, exitCodes, print } from '../context.ts';
import { changesAsText, findingsAsText, maskedChanges, unnamedAsText } from '../output.ts';
import { isPending } from '../reconcile.ts';
import type { Survey, SurveyFlags } from '../survey.ts';
import { withSurvey } from './with-survey.ts';

const nothing = { changes: [], strays: [], unnamed: [], pending: 0 };

export function plan(paths: readonly string[], flags: SurveyFlags, context: Context): Promise<number> {
  return withSurvey(paths, flags, context, nothing, async (found) => {
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
export function surveyAsText(
  { findings, changes, strays, unnamed }: Survey,
  { prune, resetTopicSettings }: SurveyFlags,
  { colors }: Pick<Context, 'colors'>,
): string[] {
  const told = findings.length > 0 ? findingsAsText(findings, colors) : [];
  const left = unnamedAsText(unnamed, resetTopicSettings, colors);
  return [...told, ...left, ...changesAsText(changes, prune ? [] : strays, colors)];
}
