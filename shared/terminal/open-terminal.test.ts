// Goal: a question that nobody answers with yes is a no, however it ends, and never a fault; a signal ends the work, not the process.
// Method: streams that say they are a terminal, into which the bytes of the keys are written, as a terminal in raw mode hands them over.
import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import type { Lines } from './open-output.ts';
import { agreed, openTerminal, type Process } from './open-terminal.ts';

function startProcess({ isTTY = true, env = {} } = {}) {
  const written = { out: '', err: '' };
  const output = (name: keyof typeof written) =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          written[name] += String(chunk);
          done();
        },
      }),
      { isTTY },
    );
  const exits: number[] = [];
  const process = Object.assign(new EventEmitter(), {
    env,
    stdin: Object.assign(new PassThrough(), { isTTY }),
    stdout: output('out'),
    stderr: output('err'),
    exit: (code: number) => exits.push(code),
  }) satisfies Process;
  return { process, terminal: openTerminal(process), written, exits };
}

type Started = ReturnType<typeof startProcess>;

/** Asks, and does `then` once the question stands there. */
async function asked(started: Started, then: (started: Started) => unknown): Promise<boolean | undefined> {
  const answer = started.terminal.confirm?.('Apply?');
  while (!started.written.err.includes('[y/N] ')) await new Promise(setImmediate);
  then(started);
  return answer;
}

const key = (bytes: string) => (started: Started) => started.process.stdin.write(bytes);

test.each([
  ['y\r', true],
  ['Yes\r', true],
  [' yes \r', true],
  ['\r', false],
  ['n\r', false],
  ['yesterday\r', false],
])('%j is %s', async (keys, yes) => {
  expect(await asked(startProcess(), key(keys))).toBe(yes);
});

test('hazard: Ctrl-C at a question is a no, and ends the work as it does anywhere else', async () => {
  const started = startProcess();
  expect(await asked(started, key('\u0003'))).toBe(false);
  expect(started.terminal.signal.aborted).toBe(true);
  expect(started.written.err.endsWith('\n')).toBe(true);
  expect(await started.terminal.confirm?.('And this?')).toBe(false);
});

test.each<[string, (started: Started) => unknown]>([
  ['Ctrl-D', key('\u0004')],
  ['a terminal that is closed', ({ process }) => process.stdin.end()],
])('hazard: %s at a question is a no, and no fault', async (_what, end) => {
  const started = startProcess();
  expect(await asked(started, end)).toBe(false);
  expect(started.terminal.signal.aborted).toBe(false);
});

test('hazard: standard input that was read to its end answers no question, and keeps none open', async () => {
  const started = startProcess();
  const text = started.terminal.stdin();
  started.process.stdin.end('[]');
  expect(await text).toBe('[]');
  expect(await started.terminal.confirm?.('Apply?')).toBe(false);
});

test('hazard: what is asked about may be named by anybody; of several lines the last one is the question', async () => {
  const started = startProcess();
  const answer = started.terminal.confirm?.(['+ create \u001b[2Ja\nFORGED', 'Apply \u202eb?']);
  while (!started.written.err.includes('[y/N] ')) await new Promise(setImmediate);
  started.process.stdin.write('n\r');
  expect(await answer).toBe(false);
  expect(started.written.err).toContain('+ create \\u001b[2Ja\\nFORGED\n');
  expect(started.written.err).toContain('Apply \\u202eb? [y/N] ');
});

test.each(['SIGINT', 'SIGTERM'])('%s ends the work, and a question that stands', async (signal) => {
  const started = startProcess();
  expect(await asked(started, ({ process }) => process.emit(signal))).toBe(false);
  expect(started.terminal.signal.aborted).toBe(true);
  // The second one is the system's again, and ends the process.
  expect(started.process.listenerCount(signal)).toBe(0);
});

test('a closed pipe ends the process without a fault, another fault does not', async () => {
  const { process, exits } = startProcess();
  process.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(exits).toEqual([0]);
  expect(() => process.stdout.emit('error', new Error('disk full'))).toThrow('disk full');
});

test('nothing is asked, coloured or written over where there is no terminal', () => {
  const { terminal } = startProcess({ isTTY: false });
  expect([terminal.confirm, terminal.rewrite, terminal.colors.isColorSupported]).toEqual([undefined, undefined, false]);
  expect(startProcess({ env: { NO_COLOR: '1' } }).terminal.colors.isColorSupported).toBe(false);
  expect(startProcess().terminal.colors.isColorSupported).toBe(true);
});

test('agreed: nobody to ask and --yes are a yes; a no is told', async () => {
  const told: string[] = [];
  const around = (yes: boolean) => ({ confirm: async () => yes, stderr: (text: Lines) => told.push(...[text].flat()) });
  expect(await agreed('Apply?', undefined, { ...around(false), confirm: undefined })).toBe(true);
  expect(await agreed('Apply?', true, around(false))).toBe(true);
  expect(await agreed('Apply?', undefined, around(true))).toBe(true);
  expect(told).toEqual([]);
  expect(await agreed('Apply?', undefined, around(false))).toBe(false);
  expect(told).toEqual(['Nothing was done.']);
});
