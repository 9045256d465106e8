// Goal: a connector that says RUNNING and whose position cannot be read from is healed within a minute, and nobody has
// to do anything; so is that of snapshots, which no model follows. Method: positions are changed through Connect's own interface while the
// whole system runs, then users are created through the API and waited for in the shop.
import { patchOffset, positionOf, setConnector, statesOf } from './support/connect-control.ts';
import { get, readAt, send } from './support/requests.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';

const healedMs = 60_000;
let system: TestSystem;
const connect = () => system.ready.connect as string;

beforeAll(async () => {
  system = await startTestSystem({ kafka: true });
}, startLimitMs);
afterAll(() => system?.close(), stopLimitMs);

async function createUser(email: string): Promise<string> {
  const user = { firstName: 'Ada', lastName: 'Lovelace', email };
  const { status, body } = await send('POST', `${system.ready.userService}/users`, user);
  expect(status).toBe(201);
  return body.id;
}

/** The position as a token, which `change` makes another. */
async function spoil(name: string, change: (token: string) => string): Promise<void> {
  await setConnector(connect(), name, 'stop');
  await waitUntil(`${name} to be stopped`, healedMs, async () => {
    const states = await statesOf(connect(), name);
    return states === 'STOPPED' ? undefined : states;
  });
  const { partition, offset } = await positionOf(connect(), name);
  await patchOffset(connect(), name, { partition, offset: { ...offset, _id: change(String(offset._id)) } });
  await setConnector(connect(), name, 'resume');
}

const malformed = () => JSON.stringify({ _data: '82XYZ' });
/** The first bytes after the type are the time of the cluster, in seconds. */
const withTime = (token: string, timeOf: (seconds: number) => number) =>
  token.replace(/("_data"\s*:\s*"82)([0-9A-Fa-f]{8})/, (_, begin: string, seconds: string) => {
    return `${begin}${timeOf(Number.parseInt(seconds, 16)).toString(16).toUpperCase().padStart(8, '0')}`;
  });
const ofNextYear = (token: string) => withTime(token, (seconds) => seconds + 31_536_000);
/** The oplog no longer holds it. */
const ofLongAgo = (token: string) => withTime(token, (seconds) => seconds - 31_536_000);

test(
  'positions that are malformed, that lie in the future and that the oplog no longer holds, of three connectors at once',
  async () => {
    await readAt(`${system.ready.shoppingService}/customers/${await createUser('before@example.org')}`, 1);
    const title = { title: 'Books' };
    await send('POST', `${system.ready.shoppingService}/categories`, title);
    await waitUntil('a position of each', healedMs, async () => {
      const names = ['user-events', 'catalog-events', 'user-snapshots'];
      const missing: string[] = [];
      for (const name of names) await positionOf(connect(), name).catch(() => missing.push(name));
      return missing.length === 0 ? undefined : missing.join();
    });
    await spoil('user-events', malformed);
    await spoil('catalog-events', ofNextYear);
    const lost = ofLongAgo(String((await positionOf(connect(), 'user-snapshots')).offset._id));
    await spoil('user-snapshots', () => lost);
    const spoiledMs = performance.now();
    const id = await createUser('after@example.org');
    const { body } = await send('POST', `${system.ready.shoppingService}/categories`, title);
    const flows = async (path: string) => {
      await waitUntil(path, 2 * healedMs, async () => {
        const { status } = await get(`${system.ready.shoppingService}${path}`);
        return status === 200 ? undefined : `${status}`;
      });
      return performance.now() - spoiledMs;
    };
    const took = await Promise.all([flows(`/customers/${id}`), flows(`/categories/${body.id}`)]);
    for (const ms of took) expect(ms).toBeLessThan(healedMs);
    await waitUntil('a position of the snapshots that can be used', healedMs, async () => {
      const position = await positionOf(connect(), 'user-snapshots').catch((error: Error) => error.message);
      return typeof position === 'string' || String(position.offset._id) === lost
        ? JSON.stringify(position)
        : undefined;
    });
  },
  4 * healedMs,
);
