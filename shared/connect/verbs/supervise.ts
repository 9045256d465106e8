// `supervise`: keeps connectors running until it is ended. It restarts what failed, creates topics that are gone, and heals connectors that are
// RUNNING and do not move on. It is what `npm start` does, for a worker of your own.
import { block } from '../../terminal/index.ts';
import { filesThatCarry, refuseErrors } from '../connector-file.ts';
import { type Context, counting, exitCodes, type Flags, sourceOf } from '../context.ts';
import { superviseConnectors } from '../supervise.ts';
import { supervisionText } from '../supervision-text.ts';
import { kafkaTopicAdmin } from '../topics.ts';

export async function supervise(paths: readonly string[], context: Context, _: Flags): Promise<number> {
  const { config, stdout, stderr, signal, format, openTopics = kafkaTopicAdmin } = context;
  const { limits, connectUrl } = config;
  const { files: all, findings } = await sourceOf(paths, context);
  refuseErrors(findings);
  const files = filesThatCarry(all);
  const names = all.map(({ name }) => name);
  const count = counting(context);
  if (!count)
    stderr(
      block(
        'MONGODB_URI is not set: connectors that do not move on are not healed, and only FAILED ones are restarted.',
      ),
    );
  stderr(block(`supervising ${names.join(', ')} at ${connectUrl}; Ctrl-C ends it, and changes nothing`));
  const supervision = superviseConnectors({
    connectUrl,
    names,
    intervalMs: limits.superviseEveryMs,
    topics: { files, openTopics: () => openTopics(config, { ...limits, kafkaRetries: 0 }) },
    flow: count && { files, count, limits: { ...limits, restartedWithinMs: limits.stalledAfterMs } },
    signal,
    limits,
    onEvent: (event) =>
      stdout([
        format === 'json'
          ? JSON.stringify({ at: new Date().toISOString(), ...event })
          : `${new Date().toISOString()} ${supervisionText(event)}`,
      ]),
  });
  await new Promise<void>((resolve) => {
    if (!signal || signal.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  await supervision.close();
  return exitCodes.ok;
}
