// `verify`: whether a model equals its source, and repairing what does not.
import { verificationBody, verifiedModels } from '../../operations/verification/verification-answers.ts';
import { read, readList } from '../answers.ts';
import { type Context, codeOf, exitCodes, print, tellMissing } from '../context.ts';
import { AdminFailure } from '../failure.ts';
import type { Progress } from '../progress.ts';
import type { ServiceClient } from '../service-client.ts';
import { type ModelBody, modelsText, type VerificationBody, verificationText } from './models-output.ts';
import { collected, oneNamed } from './named.ts';
import { type AddVerb, serviceVerb } from './verb.ts';
import { stoppable, tellEnded, untilNextLook, watched } from './watching.ts';

const path = '/admin/verifications';

export interface KnownModel extends ModelBody {
  readonly at: ServiceClient;
}

export const modelsIn = async (at: ServiceClient) => (await readList(verifiedModels, path, at, 'verifications')).models;

async function listModels(context: Context): Promise<number> {
  const known = await collected(context, modelsIn);
  const listed = known.found.map(({ at, ...model }) => ({ ...model, service: at.name }));
  print(context, { models: listed }, modelsText(listed, known.without));
  tellMissing(known, context);
  return codeOf(known);
}

/** @throws AdminFailure `not-found` naming the models when all services were asked and none has it */
async function verifyModel(name: string, repair: boolean, context: Context): Promise<number> {
  const model = oneNamed('model', name, await collected(context, modelsIn), context);
  if (!model) return exitCodes.error;
  const ended = await followed(model, repair, context);
  const text = () => verificationText(ended, model, context.colors);
  return tellEnded(ended, { at: model.at, about: 'verifications', work: `verify ${model.name}`, text }, context);
}

/** Begins a verification, and follows it to its end. @throws AdminFailure */
export async function followed({ at, name }: KnownModel, repair: boolean, context: Context): Promise<VerificationBody> {
  const bodyOf = (body: unknown) => {
    if (body !== undefined) return read(verificationBody, body, at, 'verifications');
    throw new AdminFailure(
      'service-refused',
      `${at.name} no longer knows this verification, because the service was restarted. Verify again.`,
    );
  };
  const begun = bodyOf(await at.ask('POST', path, { model: name, repair }));
  const repaired = repair ? 'What was repaired stays repaired. ' : '';
  return stoppable(
    () => untilEnded(begun, async () => bodyOf(await at.ask('GET', `${path}/${begun.id}`)), context),
    () =>
      `${repaired}The verification of ${name} continues in ${at.name}; \`verify\` lists its result. After its end the same command verifies again.`,
  );
}

async function untilEnded(
  begun: VerificationBody,
  lookAgain: () => Promise<VerificationBody>,
  context: Context,
): Promise<VerificationBody> {
  const { model } = begun;
  const scan = watched(context, `scanning ${model}`, 'documents');
  let compare: Progress | undefined;
  for (let body = begun; ; body = await lookAgain()) {
    const { scannedDocuments, estimatedDocuments, buckets, differingBuckets, comparedBuckets } = body.figures;
    if (buckets > 0 && !compare) {
      scan.at(1, scannedDocuments);
      scan.end();
      compare = watched(context, `comparing ${model}`, 'buckets');
    }
    if (compare) compare.at(comparedBuckets / Math.max(1, differingBuckets), comparedBuckets);
    else scan.at(Math.min(1, scannedDocuments / Math.max(1, estimatedDocuments)), scannedDocuments);
    if (body.state !== 'running') {
      if (compare && differingBuckets > 0) compare.end();
      return body;
    }
    await untilNextLook(context);
  }
}

const help = `
The verb changes nothing without --repair, which repairs exactly the subjects that were found. A difference is compared
twice, so that an event on its way is no finding.
Exit codes: 0 the model is equal, or all of it was repaired; 1 error; 2 usage; 4 a document still differs; 130 stopped by
Ctrl-C.
`;

export const addVerifyVerb: AddVerb = (root, run) => {
  serviceVerb(
    root,
    'verify',
    'compares a model with its source and names each difference; without a model it lists the models',
  )
    .argument('[model]', 'a read model that `verify` lists, or <service>/<model>')
    .option('--repair', 'repair what was found, by folding its events')
    .addHelpText('after', help)
    .action((model, options) =>
      run(options, (context) =>
        model === undefined ? listModels(context) : verifyModel(model, options.repair === true, context),
      ),
    );
};
