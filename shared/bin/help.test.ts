// Goal: the help of every verb and subverb of both command lines says what the verb does, and what each argument and option means.
// Method: the verbs are read from the help itself, down to the last subverb; a list names those that must be there.
import { runCli as runAdmin } from '../admin/index.ts';
import { runCli as runConnect } from '../connect/index.ts';
import { keptOutput } from '../testing/workspace/index.ts';

const programs = { admin: runAdmin, connect: runConnect } as const;
type Name = keyof typeof programs;

async function helpOf(name: Name, verbs: readonly string[]): Promise<string> {
  const { output, said } = keptOutput();
  const code = await programs[name]([...verbs, '--help'], { ...output, env: {}, confirm: undefined });
  expect([verbs, code, said().err]).toEqual([verbs, 0, '']);
  return said().out;
}

/** The lines of one part of a help: each thing with its description, which may go on in the next line. */
function entriesIn(help: string, part: string): [thing: string, description: string][] {
  const lines = new RegExp(`^${part}:\\n((?:  .*\\n?)+)`, 'm').exec(help)?.[1] ?? '';
  const whole = lines.replace(/\n {4,}(?=\S)/g, ' ').split('\n');
  return whole.filter(Boolean).map((line) => {
    const [thing = '', ...described] = line.trim().split(/ {2,}/);
    return [thing, described.join(' ')];
  });
}

async function verbsBelow(name: Name, verbs: readonly string[] = []): Promise<string[]> {
  const help = await helpOf(name, verbs);
  const [usage = '', , description = ''] = help.split('\n');
  expect([verbs, usage]).toEqual([verbs, expect.stringMatching(`^Usage: ${[name, ...verbs].join(' ')}`)]);
  expect([verbs, description]).toEqual([verbs, expect.stringMatching(/^[A-Za-z]\S*( \S+){2,}/)]);
  const described = [...entriesIn(help, 'Arguments'), ...entriesIn(help, 'Options'), ...entriesIn(help, 'Commands')];
  for (const [thing, words] of described)
    expect([verbs, thing, words]).toEqual([verbs, thing, expect.stringMatching(/^\S+( \S+)+/)]);
  const below = entriesIn(help, 'Commands')
    .map(([thing]) => thing.split(/[ |]/)[0] ?? '')
    .filter((verb) => verb !== 'help');
  const deeper = await Promise.all(below.map((verb) => verbsBelow(name, [...verbs, verb])));
  return [...(verbs.length > 0 ? [verbs.join(' ')] : []), ...deeper.flat()];
}

test.each<[Name, string]>([
  [
    'admin',
    'status, pause, resume, held, held list, held show, held retry, held retry-all, held dismiss, rebuild, rebuild start, rebuild status, rebuild switch, rebuild rollback, rebuild discard, rebuild compare, verify, restore-check',
  ],
  [
    'connect',
    'plan, apply, status, validate, doctor, supervise, restart, delete, stop, pause, resume, refill, offsets, offsets show, offsets reset',
  ],
])('%s: every verb describes itself, its arguments and its options', async (name, verbs) => {
  expect(await verbsBelow(name)).toEqual(verbs.split(', '));
});

test.each<Name>(['admin', 'connect'])(
  '%s: the help names exit codes, environment, and the addresses of npm start',
  async (name) => {
    const help = await helpOf(name, []);
    for (const words of ['Exit codes: 0 ok', '130 stopped by Ctrl-C', 'DATA_DIR', 'npm start', 'Examples:'])
      expect(help).toContain(words);
    for (const line of help.split('\n')) expect([line, line.length <= 120]).toEqual([line, true]);
  },
);
