// Goal: the command line works in any folder: with the verbs and services that its package.json names, without a package that is not
// there, and with one sentence for what is wrong. Method: folders with small modules, and whole command lines in them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptOutput, startJsonServer } from '../testing/workspace/index.ts';
import { runCliIn } from './folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foldline-admin-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, text: string) => writeFile(join(folder, name), text);
const packageWith = (foldline: unknown) => write('package.json', JSON.stringify({ name: 'a-team', foldline }));

async function run(...args: string[]) {
  const { output, said } = keptOutput();
  const code = await runCliIn(folder, args, { env: { DATA_DIR: folder }, ...output, confirm: undefined });
  return { code, ...said() };
}

const greeting = `
exports.verbs = [(root, run) => {
  root.command('greet').action((options) => run(options, async ({ stdout }) => { stdout('Hello.'); return 0; }));
}];
`;

test('a folder without package.json, or with one that names nothing, has the own verbs', async () => {
  for (const text of [undefined, '{}', '{"foldline":{}}']) {
    if (text !== undefined) await write('package.json', text);
    const { code, out } = await run('--help');
    expect([code, out]).toEqual([0, expect.stringContaining('held')]);
    expect(out).not.toContain('identities');
  }
});

test('a module that it names brings its verbs, and they need no service', async () => {
  await write('verbs.cjs', greeting);
  await packageWith({ adminVerbs: ['./verbs.cjs'] });
  expect(await run('greet')).toEqual({ code: 0, out: 'Hello.', err: '' });
  expect((await run('--help')).out).toMatch(/held[\s\S]*greet/);
});

test('services that it names are asked', async () => {
  const service = await startJsonServer(() => ({ projections: [] }));
  await packageWith({ services: { 'mailing-service': { url: service.url } } });
  expect(await run('status')).toEqual({ code: 0, out: 'mailing-service has no projection.', err: '' });
  await service.close();
});

test.each([
  [
    'a module that is not there',
    { adminVerbs: ['@a-team/verbs'] },
    /names @a-team\/verbs, which is not installed here: install/,
  ],
  ['a module without verbs', { adminVerbs: ['./empty.cjs'] }, /names \.\/empty\.cjs, which exports no list `verbs`\.$/],
  ['an unknown key', { verbs: [] }, /package\.json is not valid: .*Unrecognized key: "verbs"/],
  ['verbs of another form', { adminVerbs: 'all' }, /expected array.*\n.*foldline\.adminVerbs/],
  [
    'a service without an address',
    { services: { mailing: {} } },
    /^foldline\.services in .*package\.json does not say where.*\n {2}mailing\.url/,
  ],
])('%s: 1, and one sentence', async (_, admin, message) => {
  await write('empty.cjs', '');
  await packageWith(admin);
  const { code, out, err } = await run('status');
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(message);
});

test('a package.json that is no JSON: 1', async () => {
  await write('package.json', '{');
  expect(await run('status')).toEqual({
    code: 1,
    out: '',
    err: expect.stringMatching(/package\.json is not valid: it is no JSON\.$/),
  });
});
