// `node test/dist/law/soak.js [--worlds 100000] [--seed n]`: the law in many worlds, and how many each planted bug takes.
// Writes test/law/results/soak.json; exit 1 when a world fails or a bug is not caught.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { searchFault, worldsUntilCaught } from './hold.ts';
import { plantedBugs } from './planted-bugs.ts';

const worldsPerBugMax = 20_000;
const progressEveryMs = 5000;
const say = (line: string) => process.stdout.write(`${line}\n`);

/** @throws Error naming the option that is no positive integer */
function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} ${text} is no integer from 1; give one.`);
  return value;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { worlds: { type: 'string' }, seed: { type: 'string' } } });
  const worldsMax = positive('worlds', values.worlds ?? '100000');
  const seed = positive('seed', values.seed ?? String(1 + (Date.now() % 1_000_000)));
  say(`seed ${seed}, ${worldsMax} worlds`);

  const beganMs = Date.now();
  let saidMs = beganMs;
  const { worlds, tally, failing } = await searchFault(seed, worldsMax, (done) => {
    if (Date.now() - saidMs < progressEveryMs) return;
    saidMs = Date.now();
    say(`${done} of ${worldsMax} worlds, ${Math.round((done / (saidMs - beganMs)) * 1000)} a second`);
  });
  const tookMs = Date.now() - beganMs;
  say(failing ? failing.report : `the law held in ${worlds} worlds, ${Math.round(tookMs / 1000)} s`);

  const bugs: Record<string, number | null> = {};
  for (const name of Object.keys(plantedBugs)) {
    bugs[name] = (await worldsUntilCaught(name, seed, worldsPerBugMax)) ?? null;
    say(`${bugs[name] === null ? 'NOT CAUGHT' : `caught in world ${bugs[name]}`}: ${name}`);
  }
  const missed = Object.values(bugs).filter((caughtIn) => caughtIn === null).length;
  const ok = failing === undefined && missed === 0;
  const result = { ok, worlds, seed, tookMs, met: tally, worldsUntilCaught: bugs, failing: failing?.report ?? null };
  say(`written: ${keep(result)}`);
  process.exitCode = ok ? 0 : 1;
}

function keep(result: object): string {
  // Beside the source, also when this runs compiled.
  const folder = join(import.meta.dirname.replace(/test\/dist\/law$/, 'test/law'), 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'soak.json');
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

await main();
