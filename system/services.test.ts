// Goal: a service is found at the address that HOST says, whatever its family.
// Method: a real process, which listens as a service does, on both loopback addresses.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFolders, prepareFolders } from './data-folder.ts';
import { startService } from './services.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'foldline-services-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test.each([
  ['127.0.0.1', 'http://127.0.0.1:'],
  ['::1', 'http://[::1]:'],
])('HOST=%s', async (host, url) => {
  const script = join(dataDir, 'service.cjs');
  const source = `require('node:http').createServer((_, answer) => answer.end()).listen(process.env.PORT, process.env.HOST)`;
  await writeFile(script, source);
  const folders = dataFolders(join(dataDir, 'data'));
  await prepareFolders(folders);
  const service = await startService({ name: 'one', script, portVariable: 'PORT', host, port: 0, folders, env: {} });
  expect(service.url.startsWith(url)).toBe(true);
  await service.close();
});
