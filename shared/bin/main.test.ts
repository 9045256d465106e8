// Goal: `foldline` runs both command lines in any folder; a project brings verbs of its own, and a fault in how it names them is told.
// Method: the compiled executable in folders made for the test, as a team has them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const executable = join(__dirname, '..', 'dist', 'bin', 'main.js');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foldline-bin-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(args: readonly string[], script?: string) {
  const env = { ...process.env, NO_COLOR: '1', npm_lifecycle_event: script ?? 'test' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [executable, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const project = (text: string) => writeFileSync(join(folder, 'package.json'), text);
const verbs = (...adminVerbs: string[]) => project(JSON.stringify({ foldline: { adminVerbs } }));

test.each(['connect', 'admin'])('%s shows its help, with the examples as they are typed', (command) => {
  const elsewhere = run([command, '--help']);
  expect([elsewhere.status, elsewhere.stderr]).toEqual([0, '']);
  expect(elsewhere.stdout).toContain(`npx foldline ${command} status`);
  expect(elsewhere.stdout).toMatch(new RegExp(`^Usage: foldline ${command} `));
  expect(elsewhere.stdout).not.toContain('npm run');
  expect(run([command, '--help'], command).stdout).toContain(`npm run ${command} -- status`);
});

test('without a command, and with an unknown one, it says which there are', () => {
  expect(run(['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('<connect|admin>'), stderr: '' });
  for (const args of [[], ['deploy']])
    expect(run(args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('<connect|admin>') });
});

test('admin loads no driver and no server, so that it answers in a fraction of a second', () => {
  const script = `import(${JSON.stringify(executable)}).then(() => console.log(Object.keys(require('node:module')._cache).join('\\n')))`;
  const { stdout } = spawnSync(process.execPath, ['-e', script, 'main.js', 'admin', '--help'], { encoding: 'utf8' });
  expect(stdout).toContain('commander');
  expect(stdout).not.toMatch(/node_modules\/(fastify|@fastify|mongodb|kafkajs|pino|prom-client)\//);
});

test('where there are no connector files, it says what to name', () => {
  const { status, stderr } = run(['connect', 'plan']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^connect\/connectors cannot be read: .*Name connector files, or a folder of them\.$/m);
});

test('a module that package.json names brings its verbs', () => {
  mkdirSync(join(folder, 'node_modules/theirs'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/theirs/package.json'), '{"exports":"./verbs.mjs"}');
  const verb =
    "root.command('greet').action(() => run({ output: 'text' }, async ({ stdout }) => (stdout('hello'), 4)))";
  writeFileSync(join(folder, 'node_modules/theirs/verbs.mjs'), `export const verbs = [(root, run) => ${verb}];`);
  verbs('theirs');
  expect(run(['admin', 'greet'])).toEqual({ status: 4, stdout: 'hello\n', stderr: '' });
  project('{"name":"a-team"}');
  expect(run(['admin', 'greet'])).toMatchObject({ status: 2, stderr: expect.stringContaining('greet') });
});

test.each([
  ['no JSON', '{', 'package.json is not valid: it is no JSON.'],
  ['an unknown key', '{"foldline":{"verbs":[]}}', 'Unrecognized key: "verbs"'],
  ['a module that is not there', '{"foldline":{"adminVerbs":["theirs"]}}', 'names theirs, which is not installed here'],
  ['a module without verbs', '{"foldline":{"adminVerbs":["./none.mjs"]}}', 'names ./none.mjs, which exports no list'],
])('%s is told', (_what, text, message) => {
  project(text);
  writeFileSync(join(folder, 'none.mjs'), 'export const verb = [];');
  expect(run(['admin', 'status'])).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining(message) });
});
