// Goal: in an empty folder outside the repository, the packed package is all that a team needs for two services of its own, and for
// operating them: not ready before it is filled, status, pause, verify with repair, rebuild with switch, a resync from its own snapshots.
// Method: the package is installed from its file, beside its peers from the registry; the two services of `strangers/` are compiled
// strictly, and run on real MongoDB, Kafka and Kafka Connect; each operation is typed as an operator types it there.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogControl, openLogControl } from './support/log-control.ts';
import { readinessOf, seriesIn } from './support/operations.ts';
import { get, readAt, send } from './support/requests.ts';
import { type ServiceProcess, startServiceProcess } from './support/service-process.ts';
import { openStrangersFolder, type StrangersFolder } from './support/strangers-folder.ts';
import {
  type SubjectDocument,
  startLimitMs,
  startTestSystem,
  stopLimitMs,
  type TestSystem,
} from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';

const settleMs = 60_000;
const limitMs = 120_000;
const count = 40;
const entrances = ['', '/engine', '/mongodb', '/kafka', '/fastify', '/testing'];

let system: TestSystem;
let folder: StrangersFolder;
let log: LogControl;
let tickets: ServiceProcess;
let board: ServiceProcess;

beforeAll(async () => {
  // Where one of the two fails, the other one is closed all the same.
  const [started, opened] = await Promise.allSettled([startTestSystem({ kafka: true }), openStrangersFolder()]);
  if (started.status === 'fulfilled') system = started.value;
  if (opened.status === 'fulfilled') folder = opened.value;
  for (const one of [started, opened]) if (one.status === 'rejected') throw one.reason;
  log = await openLogControl(system.ready.kafka as string, 'board-service', system.client.db('board'));
}, startLimitMs);

afterAll(async () => {
  await Promise.all([tickets?.process.close(), board?.process.close()]);
  await log?.close();
  await system?.close();
  await folder?.remove();
}, stopLimitMs);

const cards = (collection = 'cards') => system.client.db('board').collection<SubjectDocument>(collection);
const subjectOf = (id: string) => `ticket-${id}`;
const portOf = ({ url }: ServiceProcess) => Number(new URL(url).port);

async function start(name: string, portVariable: string, port?: number, env: Readonly<Record<string, string>> = {}) {
  const script = join(folder.path, 'dist', `${name}.js`);
  // Verifications that nobody asked for would only cost what the machine needs for the rest.
  const quick = { PROGRESS_LOOK_EVERY_MS: '500', VERIFICATION_EVERY_MS: '0', REBUILD_COMPARE_SETTLE_MS: '2000' };
  const service = await startServiceProcess(system.servers, {
    name,
    script,
    portVariable,
    port,
    env: { ...quick, ...env },
  });
  await service.whenReady();
  return service;
}

const startTickets = async (port?: number) => {
  tickets = await start('ticket-service', 'TICKETS_PORT', port);
};
const startBoard = async (port?: number) => {
  board = await start('board-service', 'BOARD_PORT', port, { TICKETS_URL: tickets.url });
};

async function openTicket(title: string): Promise<string> {
  const { status, body, text } = await send('POST', `${tickets.url}/tickets`, { title });
  expect([status, text]).toEqual([201, expect.stringContaining(title)]);
  return body.id;
}

/** Until all events that are stored were written to their topic. */
async function published(): Promise<void> {
  const stored = await system.client.db('tickets').collection('TicketEvents').countDocuments();
  await log.whenPublished('ticket-events', stored);
}

const whenReady = (service: ServiceProcess) =>
  waitUntil(`${service.url} to be ready`, settleMs, async () => {
    const { status, checks } = await readinessOf(service.url);
    return status === 200 ? undefined : JSON.stringify(checks);
  });

/** Every ticket is a card at the same version, in the words of the board. */
async function expectAllCards(): Promise<void> {
  const owned = await system.client.db('tickets').collection<SubjectDocument>('Tickets').find().toArray();
  const expected = owned.map(({ _id, version, state, data }) => ({
    id: _id.slice('ticket-'.length),
    version,
    state: state === 'closed' ? 'done' : 'todo',
    title: data.title,
  }));
  expect(expected.length).toBeGreaterThanOrEqual(count);
  const answers = await Promise.all(expected.map(({ id }) => get(`${board.url}/cards/${id}`)));
  expect(answers.map(({ body }) => body)).toEqual(expected);
}

/** `npx foldline admin …` in the folder. */
function admin(...args: readonly string[]) {
  const services = [`ticket-service=${tickets.url}`, `board-service=${board.url}`];
  const named = services.flatMap((service) => ['--service', service]);
  return folder.run('npx', ['foldline', 'admin', ...args, ...named]);
}

async function adminJson<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await admin(...args, '-o', 'json');
  expect(stderr).not.toMatch(/npm run|user-service/);
  if (code !== 0) throw new Error(`admin ${args.join(' ')} ended with ${code}: ${stderr} ${stdout}`);
  return JSON.parse(stdout) as T;
}

test(
  'two services of its own compile under strict, with the types of every entrance',
  async () => {
    const names = entrances.map((entrance, index) => `import * as e${index} from 'foldline${entrance}';`);
    const all = `export const entrances = [${entrances.map((_, index) => `e${index}`).join(', ')}];`;
    await writeFile(join(folder.path, 'entrances.ts'), [...names, all].join('\n'));
    expect(await folder.run('npx', ['tsc', '--skipLibCheck', 'false'])).toEqual({ code: 0, stdout: '', stderr: '' });
    const wrong = "import { defineService } from 'foldline'; defineService({ name: 1 });";
    await writeFile(join(folder.path, 'entrances.ts'), wrong);
    expect((await folder.run('npx', ['tsc', '--noEmit'])).code).not.toBe(0);
  },
  limitMs,
);

test(
  'its connectors are deployed, and carry what is stored',
  async () => {
    await startTickets();
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) ids.push(await openTicket(`Ticket ${n}`));
    for (const id of ids.slice(0, 5)) await send('POST', `${tickets.url}/tickets/${id}/close`, {});
    const { ready, servers } = system;
    const applied = await folder.run('npx', ['foldline', 'connect', 'apply', 'connectors', '--yes'], {
      CONNECT_URL: ready.connect as string,
      KAFKA_BROKERS: ready.kafka as string,
      CONNECT_SECRETS_DIR: servers.folders.secrets,
    });
    expect([applied.code, applied.stderr]).toEqual([0, expect.stringContaining('creating connector ticket-snapshots')]);
    await published();
  },
  limitMs,
);

test(
  'a consumer without a log and without its owner is not ready, and claims nothing; with its owner it is filled',
  async () => {
    const port = portOf(tickets);
    await tickets.process.close();
    await log.cut('ticket-events', 0);
    await startBoard();
    const silent = `ticket-service at ${tickets.url}, the owner of tickets, does not answer`;
    await waitUntil('the reason', settleMs, async () => {
      const { status, checks } = await readinessOf(board.url);
      const shown = JSON.stringify(checks);
      return status === 503 && shown.includes(silent) ? undefined : `${status} ${shown}`;
    });
    const { code, stdout, stderr } = await admin('status');
    expect([code, stdout, stderr]).toEqual([
      1,
      expect.stringContaining('board-service'),
      expect.stringContaining('ticket-service'),
    ]);
    // Where it has no offset, it has claimed nothing.
    expect((await log.placesIn('ticket-events')).every(({ own }) => own === -1)).toBe(true);
    await startTickets(port);
    await whenReady(board);
    await expectAllCards();
    expect((await log.placesIn('ticket-events')).every(({ own, end }) => own === end)).toBe(true);
  },
  limitMs,
);

interface Status {
  readonly projections: readonly {
    readonly service: string;
    readonly name: string;
    readonly state: string;
    readonly gap: { readonly events: number } | null;
  }[];
}

test(
  'it is paused, says what waits, and goes on',
  async () => {
    expect(await adminJson('pause', 'board', '--reason', 'the disk is moved')).toMatchObject({ isChanged: true });
    const id = await openTicket('While the board stands still');
    await published();
    await waitUntil('what waits', settleMs, async () => {
      const { projections } = await adminJson<Status>('status');
      const [own, other] = [
        projections.find(({ name }) => name === 'board'),
        projections.find(({ name }) => name === 'tickets'),
      ];
      const isSo = own?.state === 'paused' && own.gap?.events === 1 && other?.state === 'running';
      return isSo ? undefined : JSON.stringify(projections);
    });
    expect((await get(`${board.url}/cards/${id}`)).status).toBe(404);
    expect(await cards().countDocuments({ _id: subjectOf(id) })).toBe(0);
    const resumed = await admin('resume', 'board');
    expect([resumed.code, resumed.stdout]).toEqual([0, 'board-service: board goes on.\n']);
    expect((await readAt(`${board.url}/cards/${id}`, 1)).body).toMatchObject({ state: 'todo' });
  },
  limitMs,
);

test(
  'what was changed by hand is found, named and repaired',
  async () => {
    const [changed, gone] = (await cards().find().limit(2).toArray()) as [SubjectDocument, SubjectDocument];
    const added = { ...changed, _id: subjectOf(randomUUID()) };
    await cards().updateOne({ _id: changed._id }, { $set: { 'data.title': 'By hand' } });
    await cards().deleteOne({ _id: gone._id });
    await cards().insertOne(added);
    const looked = await admin('verify', 'cards');
    expect(looked.code).toBe(4);
    for (const { _id } of [changed, gone, added]) expect(looked.stdout).toContain(_id);
    const repaired = await adminJson<{ readonly findings: readonly unknown[] }>('verify', 'cards', '--repair');
    expect(repaired).toMatchObject({ state: 'repaired' });
    expect(repaired.findings).toHaveLength(3);
    expect(
      await cards()
        .find({ _id: { $in: [changed._id, gone._id, added._id] } })
        .sort({ _id: 1 })
        .toArray(),
    ).toEqual([changed, gone].sort((a, b) => (a._id < b._id ? -1 : 1)));
    expect(await adminJson('verify', 'tickets')).toMatchObject({ state: 'equal' });
  },
  limitMs,
);

test(
  'a new generation is filled, compared, and takes the place of the live one',
  async () => {
    const refused = await admin('rebuild', 'start', 'cards');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/cannot use topic: .* do not hold their first records .* source: snapshots\./),
    ]);
    await adminJson('rebuild', 'start', 'cards', '--from', 'snapshots');
    expect(await adminJson('rebuild', 'compare', 'cards')).toMatchObject({ state: 'equal' });
    expect(await adminJson('rebuild', 'switch', 'cards')).toMatchObject({ live: 'cards_g2' });
    await adminJson('rebuild', 'discard', 'cards', 'cards');
    const id = await openTicket('Into the new generation');
    await readAt(`${board.url}/cards/${id}`, 1);
    expect(await cards('cards_g2').countDocuments({ _id: subjectOf(id) })).toBe(1);
    const names = (await system.client.db('board').listCollections().toArray()).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('cards'))).toEqual(['cards_g2']);
    await expectAllCards();
  },
  limitMs,
);

test(
  'its documents, its offsets and the log are gone: it is filled again from the snapshots of its owner',
  async () => {
    const port = portOf(board);
    await published();
    await board.process.close();
    await log.forgetOffsets();
    await log.cut('ticket-events', 0);
    await cards('cards_g2').deleteMany({});
    await startBoard(port);
    await whenReady(board);
    await expectAllCards();
    expect(await seriesIn(board.url, 'foldline_resync_tries_total{topic="ticket-events",reason="new"}')).toBe(1);
    expect((await log.placesIn('ticket-events')).every(({ own, end }) => own === end)).toBe(true);
    const id = await openTicket('After the resync');
    expect((await readAt(`${board.url}/cards/${id}`, 1)).body).toMatchObject({ title: 'After the resync' });
  },
  limitMs,
);
