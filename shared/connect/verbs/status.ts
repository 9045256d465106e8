// `status`: whether connectors and tasks run, once, or again whenever it changes. It only looks; `restart` repairs.
import { pause } from '../../running/index.ts';
import { block } from '../../terminal/index.ts';
import { refuseErrors } from '../connector-file.ts';
import {
  atWorker,
  type Context,
  codeOf,
  exitCodes,
  type Flags,
  forALook,
  print,
  restOf,
  sourceOf,
  withPatience,
} from '../context.ts';
import { isConnectFailure } from '../failure.ts';
import { readHealth } from '../health.ts';
import { healthAsText } from '../output.ts';
import { waitUntilRunning } from '../wait.ts';

interface StatusFlags extends Flags {
  readonly watch?: boolean | undefined;
}

export async function status(paths: readonly string[], given: Context, flags: StatusFlags): Promise<number> {
  const context = flags.wait === undefined ? forALook(given) : withPatience(given, flags.wait);
  const { files, findings } = await sourceOf(paths, context);
  refuseErrors(findings.filter(({ rule }) => rule === 'file-shape'));
  const names = files.map(({ name }) => name);
  if (flags.watch) return watch(names, context);
  const at = atWorker(context);
  const health =
    flags.wait === undefined
      ? await readHealth(at.rest, names)
      : await waitUntilRunning({ ...at, names, restartFailed: false });
  print(context, { connectors: health }, healthAsText(health, context.colors));
  return codeOf([], health);
}

/** One block, or one line of JSON, for each change, until the signal; a worker that is away is a change like another. */
async function watch(names: readonly string[], context: Context): Promise<number> {
  const { config, signal, stdout, stderr, format, colors } = context;
  const rest = restOf(context);
  let code: number = exitCodes.notHealthy;
  let shown = '';
  let fault = '';
  while (!signal?.aborted) {
    try {
      const health = await readHealth(rest, names);
      const lines = format === 'json' ? [JSON.stringify({ connectors: health })] : healthAsText(health, colors);
      const text = lines.join('\n');
      if (text !== shown) stdout(shown === '' || format === 'json' ? lines : ['', ...lines]);
      shown = text;
      fault = '';
      code = codeOf([], health);
    } catch (error) {
      if (!isConnectFailure(error)) throw error;
      if (error.code === 'aborted') break;
      if (error.message !== fault) stderr(block(error.message));
      fault = error.message;
      code = exitCodes.notHealthy;
    }
    await pause(config.limits.watchEveryMs, signal);
  }
  return code;
}
