// What each subverb of `rebuild` does: it finds the service that has the model, asks for one step, follows a long step, and turns the end
// into an exit code. A step that has begun continues in the service when no command follows it.
import { comparisonBody, generationsOfModels, switchoverBody } from '../../operations/rebuild/model-answers.ts';
import { agreed } from '../../terminal/index.ts';
import { type Context, exitCodes, print, tellMissing } from '../context.ts';
import { AdminFailure } from '../failure.ts';
import { startProgress } from '../progress.ts';
import type { ServiceClient } from '../service-client.ts';
import { numberText } from '../text.ts';
import { collected, type Named, oneNamed } from './named.ts';
import { read, readList } from './read.ts';
import {
  comparisonText,
  generationsText,
  type RebuiltModelBody,
  type SwitchedBody,
  type SwitchoverBody,
  switchoverText,
} from './rebuild-output.ts';
import { stoppable, tellEnded, untilNextLook } from './watching.ts';

const path = '/admin/models';
const about = 'rebuilds';

interface KnownModel extends RebuiltModelBody, Named {
  readonly at: ServiceClient;
}

async function modelsIn(at: ServiceClient): Promise<readonly (RebuiltModelBody & Named)[]> {
  const { models } = await readList(generationsOfModels, path, at, about);
  return models.map((one) => ({ ...one, name: one.model }));
}

const modelOf = async (name: string, context: Context): Promise<KnownModel | undefined> =>
  oneNamed('rebuildable model', name, await collected(context, modelsIn), context);

async function lookAgain({ at, model }: KnownModel): Promise<KnownModel> {
  const found = (await modelsIn(at)).find((one) => one.model === model);
  if (found) return { ...found, at };
  throw new AdminFailure('service-refused', `${at.name} no longer has the model ${model}.`);
}

async function moved(known: KnownModel, step: string, body: object): Promise<SwitchoverBody> {
  const { at, model } = known;
  return read(switchoverBody, await at.ask('POST', `${path}/${encodeURIComponent(model)}/${step}`, body), at, about);
}

export async function listGenerations(name: string | undefined, context: Context): Promise<number> {
  if (name !== undefined) {
    const known = await modelOf(name, context);
    if (!known) return exitCodes.error;
    return show([known], [], context);
  }
  const all = await collected(context, modelsIn);
  show(all.found, all.without, context);
  tellMissing(all, context);
  return all.failures.length > 0 ? exitCodes.error : exitCodes.ok;
}

function show(models: readonly KnownModel[], without: readonly string[], context: Context): number {
  const listed = models.map(({ at, name: _, ...model }) => ({ ...model, service: at.name }));
  print(context, { models: listed }, generationsText(listed, without));
  return exitCodes.ok;
}

interface StartOptions {
  readonly from?: string | undefined;
  readonly wait: boolean;
}

export async function startRebuild(name: string, { from, wait }: StartOptions, context: Context): Promise<number> {
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
  const limits = { lineEveryMs: context.config.ADMIN_PROGRESS_EVERY_MS };
  const progress = startProgress(context, { title: `filling ${name}`, unit }, limits);
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
export async function discardGeneration(
  name: string,
  generation: string | undefined,
  { yes }: { readonly yes?: boolean | undefined },
  context: Context,
): Promise<number> {
  const question = `Drop the generation of ${name} that is not live? This cannot be undone.`;
  if (!(await agreed(question, yes, context))) return exitCodes.error;
  return changeGeneration('discard', name, generation, context);
}

export async function changeGeneration(
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

export async function compareGenerations(name: string, context: Context): Promise<number> {
  const known = await modelOf(name, context);
  if (!known) return exitCodes.error;
  const { at } = known;
  const limits = { lineEveryMs: context.config.ADMIN_PROGRESS_EVERY_MS };
  const progress = startProgress(context, { title: `comparing ${name}`, unit: 'documents' }, limits);
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
