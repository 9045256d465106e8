// `rebuild`: a new generation of a model beside the live one, without a pause for its readers, and the steps that go with it. Each step
// finds the service that has the model. A step that has begun continues in the service when no command follows it.
import { comparisonBody, generationsOfModels, switchoverBody } from '../../operations/rebuild/model-answers.ts';
import { acting } from '../../terminal/command-line.ts';
import { agreed } from '../../terminal/index.ts';
import { read, readList } from '../answers.ts';
import { type Context, codeOf, exitCodes, print, tellMissing } from '../context.ts';
import { AdminFailure } from '../failure.ts';
import type { ServiceClient } from '../service-client.ts';
import { numberText } from '../text.ts';
import {
  comparisonText,
  generationsText,
  type RebuiltModelBody,
  type SwitchedBody,
  type SwitchoverBody,
  switchoverText,
} from './models-output.ts';
import { collected, type Named, oneNamed } from './named.ts';
import { type AddVerb, serviceVerb } from './verb.ts';
import { stoppable, tellEnded, untilNextLook, watched } from './watching.ts';

const path = '/admin/models';
const about = 'rebuilds';
const kind = 'rebuildable model';

interface KnownModel extends RebuiltModelBody, Named {
  readonly at: ServiceClient;
}

async function modelsIn(at: ServiceClient): Promise<readonly (RebuiltModelBody & Named)[]> {
  const { models } = await readList(generationsOfModels, path, at, about);
  return models.map((one) => ({ ...one, name: one.model }));
}

const modelOf = async (name: string, context: Context): Promise<KnownModel | undefined> =>
  oneNamed(kind, name, await collected(context, modelsIn), context);

async function lookAgain({ at, model }: KnownModel): Promise<KnownModel> {
  const found = (await modelsIn(at)).find((one) => one.model === model);
  if (found) return { ...found, at };
  throw new AdminFailure('service-refused', `${at.name} no longer has the model ${model}.`);
}

async function moved(known: KnownModel, step: string, body: object): Promise<SwitchoverBody> {
  const { at, model } = known;
  return read(switchoverBody, await at.ask('POST', `${path}/${encodeURIComponent(model)}/${step}`, body), at, about);
}

async function listGenerations(name: string | undefined, context: Context): Promise<number> {
  const show = (models: readonly KnownModel[], without: readonly string[]) => {
    const listed = models.map(({ at, name: _, ...model }) => ({ ...model, service: at.name }));
    print(context, { models: listed }, generationsText(listed, without));
  };
  const all = await collected(context, modelsIn);
  if (name !== undefined) {
    const known = oneNamed(kind, name, all, context);
    if (!known) return exitCodes.error;
    show([known], []);
    return exitCodes.ok;
  }
  show(all.found, all.without);
  tellMissing(all, context);
  return codeOf(all);
}

interface StartOptions {
  readonly from?: string | undefined;
  readonly wait: boolean;
}

async function startRebuild(name: string, context: Context, { from, wait }: StartOptions): Promise<number> {
  const known = await modelOf(name, context);
  if (!known) return exitCodes.error;
  const filled = known.generations.find(({ state }) => state === 'backfilling');
  // The same command after Ctrl-C: the backfill that it began is followed.
  const isBegun = wait && filled !== undefined && (from === undefined || filled.fill?.from === from);
  const begun = isBegun ? { ...known, stoodStillMs: null } : await moved(known, 'rebuild', { from });
  if (!wait) return printSwitchover('a rebuild was begun', known, begun, context);
  // A small one may be filled before it was answered that it is begun.
  const generation = begun.generations.find(({ state }) => state !== 'live');
  const ended = await followed(known, generation?.name, generation?.fill?.unit ?? 'events', context);
  const live = ended.generations.find(({ state }) => state === 'live');
  return printSwitchover(
    'the new generation follows',
    known,
    { ...begun, ...ended, live: live?.name ?? begun.live },
    context,
  );
}

/** @throws AdminFailure `refused` when somebody discards it meanwhile */
async function followed(known: KnownModel, name: string | undefined, unit: string, context: Context) {
  const progress = watched(context, `filling ${name}`, unit);
  let told: string | null = null;
  let filled = 0;
  const untilFilled = async () => {
    for (;;) {
      const now = await lookAgain(known);
      const generation = now.generations.find((one) => one.name === name);
      if (!generation) throw new AdminFailure('refused', `${name} was discarded before its backfill ended.`);
      const { done = 0, of = null, trouble = null } = generation.fill ?? {};
      filled = done;
      // Half of it, while nobody knows how much there is.
      const share = generation.state === 'backfilling' ? done / Math.max(1, of ?? done * 2) : 1;
      progress.at(share, done);
      if (generation.state !== 'backfilling') {
        progress.end();
        return now;
      }
      if (trouble !== null && trouble !== told) context.stderr(`${name}: the last try ended: ${trouble}`);
      told = trouble;
      await untilNextLook(context);
    }
  };
  return stoppable(
    untilFilled,
    () =>
      `${name} has ${numberText(filled)} ${unit}, which stay, and ${known.at.name} fills it further. The same command shows its progress again; \`rebuild discard\` ends it.`,
  );
}

const doneBy = { switch: 'switched', rollback: 'rolled back', discard: 'discarded' } as const;

/** Asks first: nothing leads back from it. */
async function discardGeneration(
  name: string,
  generation: string | undefined,
  { yes }: { readonly yes?: boolean | undefined },
  context: Context,
): Promise<number> {
  const question = `Drop the generation of ${name} that is not live? This cannot be undone.`;
  if (!(await agreed(question, yes, context))) return exitCodes.error;
  return changeGeneration('discard', name, generation, context);
}

async function changeGeneration(
  step: keyof typeof doneBy,
  name: string,
  generation: string | undefined,
  context: Context,
): Promise<number> {
  const known = await modelOf(name, context);
  if (!known) return exitCodes.error;
  return printSwitchover(doneBy[step], known, await moved(known, step, { generation }), context);
}

function printSwitchover(done: string, { at }: KnownModel, body: SwitchedBody, context: Context): number {
  const { model, live, generations, stoodStillMs } = body;
  const shown = { service: at.name, model, live, generations, stoodStillMs };
  print(context, shown, switchoverText(`${at.name}: ${model}: ${done}`, body, context.colors));
  return exitCodes.ok;
}

async function compareGenerations(name: string, context: Context): Promise<number> {
  const known = await modelOf(name, context);
  if (!known) return exitCodes.error;
  const { at } = known;
  const progress = watched(context, `comparing ${name}`, 'documents');
  const asked = () => at.ask('POST', `${path}/${encodeURIComponent(known.model)}/compare`, {});
  const isRunning = known.comparison?.state === 'running';
  const begun = read(comparisonBody, isRunning ? known.comparison : await asked(), at, about);
  const untilEnded = async () => {
    for (let comparison = begun; ; ) {
      progress.at(comparison.documents / Math.max(1, comparison.estimated), comparison.documents);
      if (comparison.state !== 'running') {
        progress.end();
        return comparison;
      }
      await untilNextLook(context);
      const now = (await lookAgain(known)).comparison;
      if (!now || now.startedAt !== begun.startedAt)
        throw new AdminFailure(
          'service-refused',
          `The process of ${at.name} that answers does not know this comparison. Compare again.`,
        );
      comparison = now;
    }
  };
  const ended = await stoppable(
    untilEnded,
    () =>
      `The comparison of ${name} continues in ${at.name}. The same command shows its progress again, or compares again after its end.`,
  );
  const text = () => comparisonText(ended, at.name, context.colors);
  return tellEnded(ended, { at, about, work: `compare ${name}`, text }, context);
}

const help = `
The order of a rebuild: start, compare, switch; then rollback if the new generation is worse, or discard the former one.
Exit codes: 0 ok; 1 error, or the service refused; 2 usage; 4 the generations differ; 130 stopped by Ctrl-C.
`;

export const addRebuildVerb: AddVerb = (root, run) => {
  const acts = acting(run);
  const rebuild = root
    .command('rebuild')
    .description('builds a new generation of a model beside the live one, and switches between the two')
    .copyInheritedSettings(root)
    .addHelpText('after', help);
  const verb = (name: string, description: string, isDefault = false) =>
    serviceVerb(rebuild, name, description, isDefault);
  const modelHelp = 'a read model that status lists, or <service>/<model>';
  const generationHelp = 'the name of the generation, which is refused if it is another';

  verb(
    'start',
    'begin a rebuild or follow one that runs, until the new generation follows (the word start may be left out)',
    true,
  )
    .argument('<model>', modelHelp)
    .option('--from <source>', 'the source of the backfill, as status lists the sources (default: the first source)')
    .option('--no-wait', 'begin only, and do not show progress')
    .action(acts(startRebuild));

  verb('status', 'show the generations of each model, and the sources of a backfill')
    .argument('[model]', modelHelp)
    .action(acts(listGenerations));

  const change = (step: 'switch' | 'rollback', description: string) =>
    verb(step, description)
      .argument('<model>', modelHelp)
      .argument('[generation]', generationHelp)
      .action((model, named, options) => run(options, (context) => changeGeneration(step, model, named, context)));
  change('switch', 'make the generation that follows the live one');
  change('rollback', 'make the former generation live again');

  verb('discard', 'end the generation that is not live, and drop its collection')
    .argument('<model>', modelHelp)
    .argument('[generation]', generationHelp)
    .option('-y, --yes', 'do not ask for confirmation')
    .action((model, named, options) => run(options, (context) => discardGeneration(model, named, options, context)));

  verb('compare', 'compare the other generation with the live one, and name each difference')
    .argument('<model>', modelHelp)
    .action(acts(compareGenerations));
};
