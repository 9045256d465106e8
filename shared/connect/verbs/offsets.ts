// `offsets show` and `offsets reset`: the offsets of connectors in their collections.
import { agreed } from '../../terminal/index.ts';
import { copiesExisting } from '../collection-counts.ts';
import { type Context, exitCodes, print } from '../context.ts';
import { ConnectFailure } from '../failure.ts';
import { readHealth } from '../health.ts';
import { appliedAsText } from '../output.ts';
import { isCopying, resetOffsets } from '../position.ts';
import { requireOffsets } from '../worker-version.ts';
import { allNames, forEachName } from './by-name.ts';
import { standingIn } from './stand.ts';

/** @param given names of connectors; none: all of `connect/connectors` */
export async function showOffsets(given: readonly string[], context: Context): Promise<number> {
  const { rest } = standingIn(context);
  await requireOffsets(rest, 'the verb offsets');
  const names = given.length > 0 ? given : await allNames(context);
  const shown = [];
  for (const name of names) {
    const offsets = await rest.offsets(name);
    shown.push({ name, exists: offsets !== undefined, copying: isCopying(offsets ?? []), offsets: offsets ?? [] });
  }
  const lines = shown.flatMap(({ name, exists, copying, offsets }) => {
    if (!exists) return [context.colors.red(`${name}: there is no such connector`)];
    if (offsets.length === 0) return [`${name}: no position; it begins at its beginning`];
    return offsets.map(({ partition, offset }) => {
      const state = copying ? ' (it is copying)' : '';
      return `${name}: ${JSON.stringify(partition)} at ${JSON.stringify(offset)}${state}`;
    });
  });
  print(context, { connectors: shown }, lines);
  return shown.every(({ exists }) => exists) ? exitCodes.ok : exitCodes.error;
}

interface ResetFlags {
  readonly yes?: boolean | undefined;
}

export async function reset(names: readonly string[], { yes }: ResetFlags, context: Context): Promise<number> {
  const at = standingIn(context);
  await requireOffsets(at.rest, 'the verb offsets');
  const question = `Reset the offsets of ${names.join(', ')}? A resumed connector copies its whole collection again.`;
  if (!(await agreed(question, yes, context))) return exitCodes.error;
  const applied = await forEachName(names, at.rest, async (name) => {
    const [health] = await readHealth(at.rest, [name]);
    if (health === undefined || health.state === 'ABSENT') return undefined;
    if (health.state !== 'STOPPED')
      throw new ConnectFailure(
        'worker-refused',
        `it is ${health.state}, and only the offsets of a connector that is STOPPED can be reset: npm run connect -- stop ${name}`,
      );
    const config = (await at.rest.config(name)) ?? {};
    if (!copiesExisting({ config }))
      throw new ConnectFailure(
        'worker-refused',
        `its startup.mode is ${config['startup.mode'] ?? 'latest'}: without its position it would leave out everything that was stored since it was stopped. Write "startup.mode": "copy_existing" into its file, and apply it`,
      );
    await resetOffsets(name, at);
    return 'reset';
  });
  const { colors } = context;
  print(context, { applied }, appliedAsText(applied, [], undefined, colors));
  return applied.some((one) => one.outcome === 'failed') ? exitCodes.error : exitCodes.ok;
}
