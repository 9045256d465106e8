// Goal: a connector of a class that the rules do not know is deployed beside ours, as Connect itself takes it.
// Method: whole command lines against a fake worker that has a sink's plugin, and topics in memory.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectorText } from './testing/connector-text.ts';
import { sourceClass } from './testing/fake-worker.ts';
import { placeForEachTest } from './testing/run-cli.ts';

const sinkClass = 'io.example.JdbcSinkConnector';
const config = { 'connector.class': sinkClass, topics: 'user-events', 'table.name.format': 'users' };

const place = placeForEachTest(async () => {
  const { worker, folder } = place;
  worker.plugins = [...worker.plugins, { class: sinkClass, type: 'sink', version: '0.9.0' }];
  // Connect does not declare what such a connector hands on, such as `table.name.format` here.
  worker.unknownKeys = new Set(['table.name.format']);
  await writeFile(join(folder, 'users-to-sql.json'), connectorText({ name: 'users-to-sql', config }));
});

const run = (...args: string[]) => place.run(args);

test('it is planned, applied and shown beside the others, and needs no topic of its own', async () => {
  const planned = await run('plan', place.folder);
  expect([planned.code, planned.err]).toEqual([3, '']);
  expect(planned.out).toContain('+ create connector users-to-sql');
  expect((await run('apply', place.folder)).code).toBe(0);
  expect(place.worker.connectors.get('users-to-sql')?.config).toEqual({ ...config, name: 'users-to-sql' });
  expect([...place.topics.topics.keys()].sort()).toEqual(['foldline-heartbeats', 'user-events', 'user-snapshots']);

  expect((await run('plan', place.folder)).code).toBe(0);
  expect((await run('validate', place.folder)).code).toBe(0);
  expect((await run('status', place.folder)).out).toMatch(/users-to-sql.*RUNNING/);
  const doctor = await run('doctor', place.folder, '-o', 'json');
  expect(doctor.out).not.toContain('plugin-too-old');
  expect(doctor.out).toContain('3 of 3 run');
});

test('a change of its file is brought to the worker', async () => {
  await run('apply', place.folder);
  const changed = { ...config, topics: 'user-events,user-snapshots' };
  await writeFile(join(place.folder, 'users-to-sql.json'), connectorText({ name: 'users-to-sql', config: changed }));
  expect((await run('apply', place.folder)).code).toBe(0);
  expect(place.worker.connectors.get('users-to-sql')?.config.topics).toBe('user-events,user-snapshots');
});

test('what Connect itself holds against it is told, and nothing is deployed', async () => {
  const refused = { ...config, 'batch.size': 'many' };
  await writeFile(join(place.folder, 'users-to-sql.json'), connectorText({ name: 'users-to-sql', config: refused }));
  const value = await run('apply', place.folder);
  expect([value.code, value.out]).toEqual([1, expect.stringMatching(/users-to-sql\.json:\d+: .*\[config-refused\]/)]);
  place.worker.plugins = [{ class: sourceClass, type: 'source', version: '2.0.1' }];
  const plugin = await run('apply', place.folder);
  expect([plugin.code, plugin.out]).toEqual([1, expect.stringMatching(/users-to-sql\.json:\d+: .*\[plugin-missing\]/)]);
  expect(place.worker.connectors.size).toBe(0);
});

test('it cannot be refilled: nobody here knows what it copies', async () => {
  await run('apply', place.folder);
  const { code, err } = await run('refill', 'users-to-sql', '--files', place.folder, '--yes');
  expect([code, err]).toEqual([1, expect.stringContaining('No file describes connector users-to-sql')]);
});
