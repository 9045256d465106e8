// Goal: nothing that a worker, a broker, a file or a person handed to `connect` is obeyed by the terminal, or reads as a line of `connect`.
// Method: whole command lines beside a fake worker whose names, states' traces and answers are hostile, and files that are; text and JSON.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostileText as hostile, hostileTextShown, obeyedIn } from '../testing/workspace/index.ts';
import { ownerKey } from './reconcile.ts';
import { connectorShape, connectorText, merged } from './testing/connector-text.ts';
import { type FakeWorker, startFakeWorker } from './testing/fake-worker.ts';
import { type InMemoryTopics, inMemoryTopics } from './testing/in-memory-topics.ts';
import { cliBeside } from './testing/run-cli.ts';

let worker: FakeWorker;
let topics: InMemoryTopics;
let folder: string;
let run: ReturnType<typeof cliBeside>;
const file = () => join(folder, 'user-events.json');
const spoil = (patch: object) => writeFile(file(), connectorText(merged(connectorShape(), patch)));

beforeEach(async () => {
  worker = await startFakeWorker();
  topics = inMemoryTopics();
  folder = await mkdtemp(join(tmpdir(), 'foldline-hostile-'));
  run = cliBeside({ worker, topics });
  await spoil({});
  await run(['apply', folder, '--yes']);
});
afterEach(async () => {
  await worker.close();
  await rm(folder, { recursive: true });
});

function deployed() {
  const connector = worker.connectors.get('user-events');
  if (connector === undefined) throw new Error('user-events was not deployed');
  return connector;
}

function leaveStray(): void {
  const config = { ...connectorShape().config, name: hostile, [ownerKey]: 'foldline' };
  worker.connectors.set(hostile, { config, state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
}

const fail = () => {
  deployed().tasks = [{ state: 'FAILED', trace: `${hostile}\nCaused by: ${hostile}` }];
};
const failAlways = () => {
  worker.onStart = (connector) => {
    Object.assign(connector, { state: 'RUNNING', tasks: [{ state: 'FAILED', trace: hostile }] });
  };
};

/** `shows` is left out where nothing of the text is repeated. */
type Case = [what: string, args: () => string[], given: () => unknown, shows?: RegExp];
const whole = new RegExp(hostileTextShown.replace(/[\\[\]]/g, '\\$&'));
/** JSON in JSON has its own escape escaped once more. */
const begin = /a\\{1,2}u001b\[2J/;

const cases: readonly Case[] = [
  ['plan: a stray connector', () => ['plan', folder], leaveStray, whole],
  ['plan --prune: a stray connector', () => ['plan', folder, '--prune'], leaveStray, whole],
  ['apply --prune: a stray connector', () => ['apply', folder, '--prune', '--yes'], leaveStray, begin],
  [
    'plan: a setting on the worker',
    () => ['plan', folder],
    () => {
      deployed().config = { ...deployed().config, 'topic.suffix': hostile };
    },
    whole,
  ],
  [
    'plan: a setting of a topic',
    () => ['plan', folder],
    () => topics.alter('user-events', { 'cleanup.policy': hostile }),
    whole,
  ],
  ['status: the trace of a task', () => ['status', folder], fail, begin],
  ['doctor: the trace of a task', () => ['doctor', folder], fail, begin],
  ['restart: the trace of a task', () => ['restart', 'user-events'], failAlways, begin],
  [
    'apply: the trace of a task, told while it is waited for',
    () => ['apply', folder, '--yes'],
    () => {
      worker.connectors.clear();
      failAlways();
    },
    begin,
  ],
  [
    'apply: what the worker answers',
    () => ['apply', folder, '--yes'],
    () => {
      worker.connectors.clear();
      worker.fault = (request) => (request.startsWith('PUT') ? { status: 400, message: hostile } : undefined);
    },
    begin,
  ],
  [
    'status: what the worker answers',
    () => ['status', folder],
    () => {
      worker.fault = () => ({ status: 400, message: hostile });
    },
    begin,
  ],
  ['delete: a name that is typed', () => ['delete', hostile, '--yes'], () => {}, whole],
  ['restart: a name that is typed', () => ['restart', hostile], () => {}, whole],
  ['an option that is typed', () => ['plan', `--${hostile}`], () => {}, begin],
  ['a verb that is typed', () => [hostile], () => {}, begin],
  ['a file that is typed', () => ['plan', hostile], () => {}, begin],
  [
    'a setting of the file',
    () => ['validate', folder],
    () => spoil({ config: { 'errors.tolerance': hostile } }),
    begin,
  ],
  ['a key of the file', () => ['validate', folder], () => spoil({ [hostile]: 1 }), begin],
  ['a name in the file', () => ['plan', folder], () => spoil({ name: hostile })],
  ['the name of a file', () => ['validate', folder], () => writeFile(join(folder, `${hostile}.json`), '{}'), whole],
  ['a file that is no JSON', () => ['validate', folder], () => writeFile(file(), `{"a": ${hostile}`)],
  [
    'the name of a file that is no JSON',
    () => ['status', folder],
    () => writeFile(join(folder, `${hostile}.json`), '{'),
    whole,
  ],
];

describe.each<Case>(cases)('%s', (_, args, given, shows) => {
  test.each(['text', 'json'])('as %s', async (format) => {
    await given();
    const asked = args();
    const { out, err } = await run(format === 'json' && asked.length > 1 ? [...asked, '-o', 'json'] : asked);
    expect(obeyedIn(`${out}\n${err}`)).toEqual([]);
    if (shows) expect(`${out}\n${err}`).toMatch(shows);
    if (format === 'json' && out !== '') JSON.parse(out);
  });
});

test('JSON has the values as they are', async () => {
  leaveStray();
  const { out } = await run(['plan', folder, '-o', 'json']);
  expect(JSON.parse(out).strays).toEqual([hostile]);
});
