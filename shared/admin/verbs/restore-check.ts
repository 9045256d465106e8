// `restore-check`: whether any copy knows more than its source, which is so after a source was restored from an older copy. To be run before
// callers are let in again: what they write would take versions that the copies know already, with other content.
import { type Context, codeOf, exitCodes, json, tellMissing } from '../context.ts';
import { numberText } from '../text.ts';
import { type VerificationBody, verificationText } from './models-output.ts';
import { collected } from './named.ts';
import { type AddVerb, serviceVerb } from './verb.ts';
import { followed, type KnownModel, modelsIn } from './verify.ts';

/** What a copy has and its source has not. */
const abandonedKinds = ['ahead', 'forked', 'extra'] as const;

interface Checked {
  readonly model: KnownModel;
  readonly ended: VerificationBody;
}

async function checkAll(context: Context): Promise<number> {
  const known = await collected(context, modelsIn);
  const checked: Checked[] = [];
  for (const model of known.found) checked.push({ model, ended: await followed(model, false, context) });
  if (context.format === 'json')
    context.stdout(json({ models: checked.map(({ model, ended }) => ({ service: model.at.name, ...ended })) }));
  else context.stdout(checkedText(checked, context));
  tellMissing(known, context);
  for (const { model, ended } of checked)
    if (ended.state === 'failed')
      context.stderr(context.colors.red(`${model.at.name} could not verify ${model.name}: ${ended.detail}`));
  if (checked.some(({ ended }) => ended.state === 'failed')) return exitCodes.error;
  if (checked.some(({ ended }) => ended.state === 'different')) return exitCodes.different;
  return codeOf(known);
}

function checkedText(checked: readonly Checked[], { colors }: Context): string[] {
  const compared = checked.filter(({ ended }) => ended.state !== 'failed');
  const lines = compared.flatMap(({ model, ended }) => verificationText(ended, model, colors));
  const abandoned = compared.filter(({ ended }) => abandonedIn(ended) > 0);
  const ofEach = abandoned.map(
    ({ model, ended }) => `${model.at.name}/${model.name} (${numberText(abandonedIn(ended))})`,
  );
  if (ofEach.length > 0)
    return [
      ...lines,
      colors.red(
        `Copies know what their source never had: ${ofEach.join(', ')}. The source was restored from an older copy, or is the wrong one.`,
      ),
      'Let no caller in before copies and topics are made again: docs/backup-and-restore.md says how.',
    ];
  const isKnown = compared.length === checked.length;
  return isKnown
    ? [...lines, colors.green(`No copy knows more than its source: ${numberText(compared.length)} models compared.`)]
    : lines;
}

function abandonedIn({ figures: { found } }: VerificationBody): number {
  return abandonedKinds.reduce((sum, kind) => sum + found[kind], 0);
}

const help = `
Verifies every model of every service, one after the other, and changes nothing.
Exit codes: 0 every model is equal to its source; 1 a service or a source did not answer; 2 usage; 4 a model differs;
130 stopped by Ctrl-C.
`;

export const addRestoreCheckVerb: AddVerb = (root, run) => {
  serviceVerb(root, 'restore-check', 'compares every model with its source after a restore, before callers are let in')
    .addHelpText('after', help)
    .action((options) => run(options, checkAll));
};
