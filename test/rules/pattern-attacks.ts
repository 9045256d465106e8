// Texts of one length that make a regular expression work hardest, and how long it takes on them. The analysis by recheck
// proposes texts for what is not linear; texts of repeated letters of the pattern are tried beside them.
import { createContext, Script } from 'node:vm';
import { checkSync, type Parameters } from 'recheck';

/** As long as all headers of a request together may be. */
export const attackCharsMax = 16_384;

// Seeded, so that every run tries the same texts.
const analysis: Parameters = { timeout: 1_000, randomSeed: 1, attackTimeout: 200, incubationTimeout: 100 };
const runsMax = 8;
const cutOffMs = 1_000;

/** The texts to try on a pattern, hardest first. */
export function attacksOn(source: string, flags: string): string[] {
  // Read by recheck: without it a Java or a native program would be started.
  process.env.RECHECK_BACKEND = 'pure';
  const found = checkSync(source, flags, analysis);
  return [...('attack' in found && found.attack ? [attackOf(found.attack)] : []), ...repeats(source)];
}

interface Attack {
  readonly pumps: readonly { readonly prefix: string; readonly pump: string }[];
  readonly suffix: string;
}

function attackOf({ pumps, suffix }: Attack): string {
  const fixed = pumps.reduce((sum, { prefix }) => sum + prefix.length, suffix.length);
  const pumped = pumps.reduce((sum, { pump }) => sum + pump.length, 0);
  const times = Math.floor((attackCharsMax - fixed) / pumped);
  return pumps.map(({ prefix, pump }) => prefix + pump.repeat(times)).join('') + suffix;
}

/** Each letter that the pattern names, and each two neighbours, over and over, with an end that few patterns take. */
function repeats(source: string): string[] {
  const letters = [...new Set([...source, 'a', '0', ' ', '\t', '\n', '"', '\\', '\0'])];
  const pairs = [...new Set([...source].map((letter, at) => letter + (source[at + 1] ?? letter)))];
  return [...letters, ...pairs].map((unit) => `${unit.repeat(attackCharsMax / unit.length - 1)}\0`);
}

/**
 * Measures the pattern, in a context of its own: the shortest of several times over a text, Infinity beyond a second.
 * One run within the limit is enough: other work on the machine makes a run slower, never faster.
 */
export function stopwatchOf(source: string, flags: string, enoughMs: number): (text: string) => number {
  const context = createContext({ text: '' });
  new Script(`pattern = ${new RegExp(source, flags).toString()}`).runInContext(context);
  // A global pattern goes over the whole text, as replaceAll and matchAll do.
  const script = new Script(
    flags.includes('g') ? "text.replace(pattern, '')" : 'pattern.lastIndex = 0; pattern.test(text)',
  );
  return (text) => {
    context.text = text;
    let shortestMs = Number.POSITIVE_INFINITY;
    for (let run = 0; run < runsMax && shortestMs > enoughMs; run += 1) {
      const before = performance.now();
      try {
        script.runInContext(context, { timeout: cutOffMs });
      } catch {
        return shortestMs;
      }
      shortestMs = Math.min(shortestMs, performance.now() - before);
    }
    return shortestMs;
  };
}
