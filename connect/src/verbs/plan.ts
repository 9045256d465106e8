// `plan`: what `apply` would do, and what a rule holds against it; changes nothing.
import { type Context, exitCodes, json } from '../context.ts';
import { changesAsText, findingsAsText, maskedChanges } from '../output.ts';
import { isPending } from '../reconcile.ts';
import type { Survey } from '../survey.ts';
import { type SurveyFlags, withSurvey } from './with-survey.ts';

const nothing = { changes: [], strays: [], pending: 0 };

export function plan(paths: readonly string[], flags: SurveyFlags, context: Context): Promise<number> {
  return withSurvey(paths, flags, context, nothing, async (found) => {
    const { findings, changes, strays } = found;
    const pending = changes.filter(isPending).length;
    context.stdout(
      context.format === 'json'
        ? json({ faults: findings, changes: maskedChanges(changes), strays, pending })
        : surveyAsText(found, flags, context),
    );
    return pending > 0 ? exitCodes.pending : exitCodes.ok;
  });
}

/** Warnings first, then the changes. */
export function surveyAsText(
  { findings, changes, strays }: Survey,
  { prune }: SurveyFlags,
  { colors }: Pick<Context, 'colors'>,
): string[] {
  const told = findings.length > 0 ? findingsAsText(findings, colors) : [];
  return [...told, ...changesAsText(changes, prune ? [] : strays, colors)];
}
