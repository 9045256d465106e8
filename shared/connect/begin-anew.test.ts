// Goal: wherever a beginning is interrupted, what the command line then says to type ends it, and no connector goes on from its old
// position into a new topic. Method: whole command lines beside a fake worker; the run is ended after each of its changes in turn.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beginningKey } from './begin-anew.ts';
import { connectorShape, connectorText } from './testing/connector-text.ts';
import type { InMemoryTopics } from './testing/in-memory-topics.ts';
import { placeForEachTest } from './testing/run-cli.ts';

const name = 'user-snapshots';

/** MongoDB is not given: only what Connect and Kafka say is known. */
const place = placeForEachTest(async () => {
  expect((await run(['apply', place.folder])).code).toBe(0);
  stand();
  place.worker.requests.length = 0;
});
const { run } = place;

const stand = () =>
  place.worker.offsets.set(name, [{ partition: { ns: `${name}.1` }, offset: { _id: '{"_data": "8265"}' } }]);
const isChange = (request: string) => !/^GET|\/config\/validate$/.test(request);
const changing = () => place.worker.requests.filter(isChange);
const stateOf = () => place.worker.connectors.get(name)?.state;

/** Ends the run once so many changes were made at worker and broker. @returns whether it came so far */
async function endedAfter(changes: number, args: readonly string[]): Promise<boolean> {
  const ending = new AbortController();
  let made = 0;
  const count = () => {
    made += 1;
    if (made > changes) ending.abort();
  };
  place.worker.fault = (request) => {
    if (isChange(request)) count();
    return made > changes ? 'cut' : undefined;
  };
  const create: InMemoryTopics['create'] = async (spec) => {
    count();
    if (made <= changes) await place.topics.create(spec);
  };
  const openTopics = async () => ({ ...place.topics, create });
  await run(args, { openTopics, signal: ending.signal });
  place.worker.fault = () => undefined;
  return made > changes;
}

async function setStartupMode(mode: string): Promise<void> {
  const shape = connectorShape(name);
  const text = connectorText({ ...shape, config: { ...shape.config, 'startup.mode': mode } });
  await writeFile(join(place.folder, `${name}.json`), text);
}

test.each<[string, readonly string[], () => unknown]>([
  ['apply --refill', ['--refill'], () => {}],
  ['apply of a connector that was deleted with its topic', [], () => place.worker.connectors.delete(name)],
])(
  'hazard: %s is interrupted after each of its changes; the lines that are printed then end it',
  async (_what, flags, given) => {
    for (let changes = 0; ; changes += 1) {
      place.topics.topics.delete(name);
      stand();
      given();
      const isEnded = await endedAfter(changes, ['apply', place.folder, ...flags]);
      // What a user types who does as told.
      const applied = await run(['apply', place.folder]);
      if (applied.code === 1 && applied.out.includes(`refill ${name}`)) {
        expect((await run(['apply', place.folder, '--refill'])).code).toBe(0);
      } else if (applied.code === 4 && applied.out.includes(`resume ${name}`)) {
        expect((await run(['resume', name])).code).toBe(0);
      } else expect(applied.code).toBe(0);
      expect([changes, stateOf(), place.topics.topics.has(name), place.worker.offsets.has(name)]).toEqual([
        changes,
        'RUNNING',
        true,
        false,
      ]);
      expect((await run(['plan', place.folder])).code).toBe(0);
      if (!isEnded) {
        expect(changes).toBeGreaterThan(4);
        return;
      }
    }
  },
);

test('hazard: a beginning that was interrupted is not resumed from the old position', async () => {
  const connector = place.worker.connectors.get(name);
  Object.assign(connector ?? {}, {
    state: 'STOPPED',
    tasks: [],
    config: { ...connector?.config, [beginningKey]: 'true' },
  });
  const { code, out } = await run(['resume', name]);
  expect([code, out]).toEqual([1, expect.stringContaining('npm run connect -- apply')]);
  expect([changing(), stateOf()]).toEqual([[], 'STOPPED']);
});

test('with a differing file, --refill shows what differs and copies once', async () => {
  place.topics.topics.delete(name);
  const shape = connectorShape(name);
  const text = connectorText({ ...shape, config: { ...shape.config, 'poll.await.time.ms': '30' } });
  await writeFile(join(place.folder, `${name}.json`), text);
  expect((await run(['plan', place.folder, '--refill'])).out).toContain('~ poll.await.time.ms = 30 (was 20)');
  expect((await run(['apply', place.folder, '--refill'])).code).toBe(0);
  expect(changing().filter((request) => request === `PUT /connectors/${name}/resume`)).toHaveLength(1);
  expect(place.worker.connectors.get(name)?.config).toMatchObject({ 'poll.await.time.ms': '30' });
});

test('hazard: a connector has sent records and Connect has not stored its position yet, when its topic is deleted', async () => {
  place.worker.offsets.clear();
  place.topics.topics.delete(name);
  const { code, out } = await run(['apply', place.folder]);
  expect([code, out]).toEqual([1, expect.stringContaining(`refill ${name}`)]);
  expect((await run(['apply', place.folder, '--refill'])).code).toBe(0);
});

test('a connector that was stopped and reset gets its topic without a question', async () => {
  expect((await run(['stop', name])).code).toBe(0);
  expect((await run(['offsets', 'reset', name])).code).toBe(0);
  place.topics.topics.delete(name);
  expect((await run(['apply', place.folder])).code).toBe(4);
  expect([place.topics.topics.has(name), stateOf()]).toEqual([true, 'STOPPED']);
});

describe('a connector that copies nothing', () => {
  beforeEach(async () => {
    await setStartupMode('latest');
    expect((await run(['apply', place.folder])).code).toBe(0);
    place.worker.requests.length = 0;
  });

  test('hazard: it keeps its position, since a beginning would leave out what came since', async () => {
    place.topics.topics.delete(name);
    for (const args of [
      ['apply', place.folder],
      ['apply', place.folder, '--refill'],
    ]) {
      const { code, out } = await run(args);
      expect([code, out]).toEqual([1, expect.stringContaining('startup.mode')]);
    }
    expect([changing(), place.topics.topics.has(name), place.worker.offsets.has(name)]).toEqual([[], false, true]);
    await setStartupMode('copy_existing');
    expect((await run(['apply', place.folder, '--refill'])).code).toBe(0);
    expect(place.worker.offsets.has(name)).toBe(false);
  });

  test('it goes on from its position when it was deleted with its topic', async () => {
    place.worker.connectors.delete(name);
    place.topics.topics.delete(name);
    expect((await run(['apply', place.folder])).code).toBe(0);
    expect([stateOf(), place.worker.offsets.has(name)]).toEqual(['RUNNING', true]);
  });

  test('its topic may be empty: nothing has come since it was made', async () => {
    const around = { env: { MONGODB_URI: 'mongodb://db/' }, countDocuments: async () => new Map([[name, 298]]) };
    expect((await run(['apply', place.folder], around)).code).toBe(0);
  });

  test('offsets reset refuses: what came since it was stopped would never travel', async () => {
    expect((await run(['stop', name])).code).toBe(0);
    const { code, out } = await run(['offsets', 'reset', name]);
    expect([code, out]).toEqual([1, expect.stringContaining('startup.mode')]);
    expect(place.worker.offsets.has(name)).toBe(true);
  });
});

test('a worker before 3.6, a connector that runs, and no topic: refused, until offset.partition.name is another', async () => {
  place.worker.version = '3.4.0';
  place.topics.topics.delete(name);
  for (const args of [
    ['apply', place.folder],
    ['apply', place.folder, '--refill'],
  ]) {
    const { code, out } = await run(args);
    expect([code, out]).toEqual([1, expect.stringContaining('offset.partition.name')]);
  }
  expect([changing(), place.topics.topics.has(name)]).toEqual([[], false]);
  const shape = connectorShape(name);
  const text = connectorText({ ...shape, config: { ...shape.config, 'offset.partition.name': `${name}.2` } });
  await writeFile(join(place.folder, `${name}.json`), text);
  expect((await run(['apply', place.folder])).code).toBe(0);
  expect(place.topics.topics.has(name)).toBe(true);
});
