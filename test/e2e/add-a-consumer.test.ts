// Goal: docs/add-a-consumer.md adds a third service as it says: its two files compile, run on real Kafka, and what the page shows is
// what is answered, also after the service was away. Method: a folder like this repository, the page's files in it, the page's
// commands in a shell; then its documents are held against what is stored of users.
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { freePort } from '@foldline/connect/runtime';
import type { Document } from 'mongodb';
import { filesOf } from '../rules/command-blocks.ts';
import { runPage } from './support/page-commands.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';

const page = 'docs/add-a-consumer.md';
const root = resolve(__dirname, '..', '..');
let system: TestSystem;
let folder: string;

beforeAll(async () => {
  system = await startTestSystem({ kafka: true });
  folder = await mkdtemp(join(tmpdir(), 'foldline-consumer-'));
  for (const name of ['package.json', 'tsconfig.base.json']) await cp(join(root, name), join(folder, name));
  for (const name of ['node_modules', 'shared']) await symlink(join(root, name), join(folder, name));
  for (const { path, text } of filesOf(await readFile(join(root, page), 'utf8'))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}, startLimitMs);

afterAll(async () => {
  await system?.close();
  await rm(folder, { recursive: true, force: true });
}, stopLimitMs);

test('the page, from its two files to the address that changed while the service was away', async () => {
  const port = await freePort();
  const { ready } = system;
  await runPage(page, {
    cwd: folder,
    replace: {
      'mongodb://127.0.0.1:21157/?replicaSet=foldline': ready.mongodb,
      '127.0.0.1:20571': ready.kafka as string,
      'http://127.0.0.1:3001': ready.userService,
      'http://127.0.0.1:3003': `http://127.0.0.1:${port}`,
      'PORT=3003': `PORT=${port}`,
    },
  });
  const recipients = await system.client
    .db('mailing')
    .collection<Document & { _id: string }>('recipients')
    .find()
    .toArray();
  const users = await system.users.collection<Document & { _id: string }>('Users').find().toArray();
  const shown = (of: Document[]) => of.map(({ _id, version, data }) => [_id, version, data.email]).sort();
  expect(shown(recipients)).toEqual(shown(users));
  expect(recipients).toMatchObject([{ version: 2, state: 'reachable', data: { email: 'countess@example.org' } }]);
}, 240_000);
