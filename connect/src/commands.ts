// What each verb does, from its settings to its exit code. Data goes to stdout, everything said on the way to stderr.
import type { Colors } from 'picocolors/types.js';
import { applyChanges, countOutcomes } from './apply.ts';
import type { ConnectConfig } from './config.ts';
import { connectRest } from './connect-rest.ts';
import {
  type ConnectorFile,
  ConnectorFileFailure,
  type FileFault,
  placeSecretsInFiles,
  readConnectorFiles,
  renderFault,
} from './connector-file.ts';
import { deleteConnectors } from './deletion.ts';
import { readHealth } from './health.ts';
import { appliedAsText, changesAsText, type Format, healthAsText, maskedChanges } from './output.ts';
import { isPending } from './reconcile.ts';
import { survey, type Targets } from './survey.ts';
import { kafkaTopicAdmin, type TopicAdmin } from './topics.ts';
import { validateWithWorker } from './validate.ts';

/** The exit codes, as people who know Terraform or kcctl expect them. */
export const exitCodes = { ok: 0, error: 1, usage: 2, pending: 3, notHealthy: 4 } as const;

/** What a run of the command line has around it; tests pass their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly colors: Colors;
  /** Asks a yes-or-no question; undefined where nobody can answer. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly openTopics?:
    | ((brokers: readonly string[], limits: ConnectConfig['limits']) => Promise<TopicAdmin>)
    | undefined;
}

/** Surroundings and settings of one verb. */
export interface Context extends Surroundings {
  readonly config: ConnectConfig;
  readonly format: Format;
}

const reachableWithinMs = 2_000;

const json = (value: unknown) => JSON.stringify(value, null, 2);

const restOf = ({ config, signal, stderr }: Context) =>
  connectRest({ url: config.connectUrl, limits: config.limits, signal, onRetry: stderr });

async function filesOf(paths: readonly string[], { config }: Context): Promise<ConnectorFile[]> {
  return placeSecretsInFiles(await readConnectorFiles(paths.length > 0 ? paths : undefined), config.secretsDir);
}

async function withTargets(context: Context, work: (targets: Targets) => Promise<number>): Promise<number> {
  const { config, openTopics = kafkaTopicAdmin } = context;
  const topics = await openTopics(config.brokers, config.limits);
  try {
    return await work({ rest: restOf(context), topics });
  } finally {
    await topics.close();
  }
}

/** Shows what `apply` would do, and does nothing. */
export async function plan(paths: readonly string[], context: Context): Promise<number> {
  const files = await filesOf(paths, context);
  return withTargets(context, async (targets) => {
    const changes = await survey(files, targets);
    const pending = changes.filter(isPending).length;
    context.stdout(
      context.format === 'json'
        ? json({ changes: maskedChanges(changes), pending })
        : changesAsText(changes, context.colors),
    );
    if (changes.some((change) => change.action === 'refuse')) return exitCodes.error;
    return pending > 0 ? exitCodes.pending : exitCodes.ok;
  });
}

export interface ApplyFlags {
  readonly yes?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}

export async function apply(paths: readonly string[], flags: ApplyFlags, context: Context): Promise<number> {
  if (flags.dryRun) return plan(paths, context);
  const files = await filesOf(paths, context);
  return withTargets(context, async (targets) => {
    const { stdout, stderr, colors, format, config, signal } = context;
    const changes = await survey(files, targets);
    const pending = changes.filter(isPending).length;
    if (pending > 0 && !(await agreed(`${changesAsText(changes, colors)}\nApply?`, flags.yes, context)))
      return exitCodes.error;

    const { applied, health } = await applyChanges({
      ...targets,
      files,
      changes,
      limits: config.limits,
      onStep: stderr,
      signal,
    });
    const counts = countOutcomes(applied);
    stdout(
      format === 'json'
        ? json({ applied, connectors: health, counts })
        : appliedAsText(applied, health, counts, colors),
    );
    if (counts.failed > 0) return exitCodes.error;
    return health.every((one) => one.running) ? exitCodes.ok : exitCodes.notHealthy;
  });
}

async function agreed(question: string, yes: boolean | undefined, { confirm, stderr }: Context): Promise<boolean> {
  if (yes || confirm === undefined || (await confirm(question))) return true;
  stderr('Nothing was done.');
  return false;
}

export async function status(paths: readonly string[], context: Context): Promise<number> {
  const files = await filesOf(paths, context);
  const health = await readHealth(
    restOf(context),
    files.map((file) => file.name),
  );
  context.stdout(context.format === 'json' ? json({ connectors: health }) : healthAsText(health, context.colors));
  return health.every((one) => one.running) ? exitCodes.ok : exitCodes.notHealthy;
}

/** Checks the files, and asks the worker too when there is one. */
export async function validate(paths: readonly string[], context: Context): Promise<number> {
  const { files, faults } = await filesAndFaults(paths, context);
  const rest = restOf(context);
  const asked = files.length > 0 && (await rest.reachable(reachableWithinMs));
  if (asked) {
    for (const file of files) {
      const found = await validateWithWorker(rest, file);
      faults.push(
        ...found.map(({ key, detail }) => ({
          file: file.file,
          line: file.lineOf(['config', key]),
          key: `config.${key}`,
          detail,
        })),
      );
    }
  } else if (files.length > 0) {
    context.stderr(`No worker answers at ${rest.url}: only the files were checked.`);
  }
  const worker = asked ? 'asked' : 'not-asked';
  if (context.format === 'json') context.stdout(json({ valid: faults.length === 0, faults, worker }));
  else
    context.stdout(
      [
        ...faults.map((fault) => context.colors.red(renderFault(fault))),
        `valid ${files.length - filesWith(faults, files)}, faults ${faults.length}`,
      ].join('\n'),
    );
  return faults.length === 0 ? exitCodes.ok : exitCodes.error;
}

async function filesAndFaults(
  paths: readonly string[],
  context: Context,
): Promise<{ files: ConnectorFile[]; faults: FileFault[] }> {
  try {
    return { files: await filesOf(paths, context), faults: [] };
  } catch (error) {
    if (!(error instanceof ConnectorFileFailure)) throw error;
    return { files: [], faults: [...error.faults] };
  }
}

function filesWith(faults: readonly FileFault[], files: readonly ConnectorFile[]): number {
  return files.filter(({ file }) => faults.some((fault) => fault.file === file)).length;
}

export async function remove(
  names: readonly string[],
  flags: { readonly yes?: boolean | undefined },
  context: Context,
): Promise<number> {
  if (!(await agreed(`Delete ${names.join(', ')}? Topics and offsets stay.`, flags.yes, context)))
    return exitCodes.error;
  const applied = await deleteConnectors(names, restOf(context), context.config.limits, context.signal);
  const counts = countOutcomes(applied);
  context.stdout(
    context.format === 'json' ? json({ applied, counts }) : appliedAsText(applied, [], counts, context.colors),
  );
  return counts.failed > 0 ? exitCodes.error : exitCodes.ok;
}
