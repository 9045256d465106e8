// Goal: no text of a caller, a file or a server keeps a process busy by a regular expression: each is linear in what it reads.
// Method: every pattern of the product is found in the syntax trees, and run on 16 KiB of its worst cases in a fresh context.
import { attackCharsMax, attacksOn, stopwatchOf } from './rules/pattern-attacks.ts';
import { type Pattern, patternsOf } from './rules/patterns.ts';
import { allSources, servesTests, sourceOf } from './rules/sources.ts';

const withinMs = 10;

/** Sources whose patterns meet nothing but the texts of this repository. */
const meetsNobody = (path: string) => servesTests(path) || path.startsWith('bench/');

/** Patterns that only running code knows: why they are no danger, and examples to try where there are any. */
const madeWhileRunning: Readonly<Record<string, { readonly why: string; readonly examples: readonly string[] }>> = {
  'shared/contracts/json-schemas.ts': {
    why: 'the kind of a subject and the form of a UUID, both fixed in the contracts',
    examples: [
      '^user-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
      '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
    ],
  },
  'shared/connect/config-values.ts': {
    why: 'a pattern of an operator’s own file, on a name of the same file, in a command of that operator',
    examples: [],
  },
};

const found = allSources()
  .filter(({ path }) => !meetsNobody(path))
  .flatMap(patternsOf);
const unknown = found.filter(({ source }) => source === undefined);
const distinct = new Map<string, Pattern & { source: string }>();
for (const pattern of found) {
  const { source, flags } = pattern;
  if (source !== undefined) distinct.set(`/${source}/${flags}`, { ...pattern, source });
}
for (const [path, { examples }] of Object.entries(madeWhileRunning))
  for (const source of examples) distinct.set(`/${source}/`, { path, source, flags: '' });

/** The slowest time of all attacks; ends at the first that is too slow. */
function worstOf(source: string, flags: string): { ms: number; attack: string } {
  const measured = stopwatchOf(source, flags, withinMs);
  let worst = { ms: 0, attack: '' };
  for (const attack of attacksOn(source, flags)) {
    const ms = measured(attack);
    if (ms > worst.ms) worst = { ms, attack: JSON.stringify(attack.slice(0, 60)) };
    if (ms > withinMs) break;
  }
  return worst;
}

test('every pattern of the product is found, or said why its text is not known', () => {
  expect(distinct.size).toBeGreaterThan(80);
  expect([...new Set(unknown.map(({ path }) => path))].sort()).toEqual(Object.keys(madeWhileRunning).sort());
});

test.each([...distinct].map(([shown, pattern]) => [pattern.path, shown, pattern] as const))(
  '%s %s',
  (_path, _shown, { source, flags }) => {
    const { ms, attack } = worstOf(source, flags);
    expect({ ms: ms <= withinMs ? 'in time' : ms, attack: ms <= withinMs ? '' : attack }).toEqual({
      ms: 'in time',
      attack: '',
    });
  },
);

describe('what is not linear is caught', () => {
  const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  test.each([
    ['exponential: the Content-Type of an earlier release', `^application/json(?:;[ \\t]*(?:${token})?[ \\t]*)*$`, 'i'],
    ['exponential: nested repeats', '^(a+)+$', ''],
    ['quadratic: the edges of If-Match of an earlier release', '^[ \\t,]+|[ \\t,]+$', 'g'],
    ['quadratic: a string that does not end', '"(?:[^"\\\\]|\\\\.)*"', 'g'],
    ['quadratic: blanks at the end', '\\s+$', ''],
    ['cubic', '^.*a.*a.*b$', 's'],
  ])('%s', (_name, source, flags) => expect(worstOf(source, flags).ms).toBeGreaterThan(withinMs));
});

describe('patterns are found', () => {
  const patternsIn = (text: string) => patternsOf(sourceOf('shared/engine/store.ts', text)).map(({ source }) => source);
  test.each([
    ['a literal', 'const a = /x+/g;', ['x+']],
    ['of a schema', "z.string().regex(/y/, 'text')", ['y']],
    ['made from a text', "RegExp('z')", ['z']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the sample is code.
    ['made from constants', "const a = 'x'; const b = `${a}+`; new RegExp(`^${b}$`, 'i')", ['^x+$']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the sample is code.
    ['made from a parameter', 'function f(a: string) { return new RegExp(`^${a}$`); }', [undefined]],
  ])('%s', (_name, text, expected) => expect(patternsIn(text)).toEqual(expected));
});

test('attacks are as long as all headers may be', () => {
  for (const attack of attacksOn('\\s+$', '')) {
    expect(attack.length).toBeLessThanOrEqual(attackCharsMax);
    expect(attack.length).toBeGreaterThan(attackCharsMax - 64);
  }
});
