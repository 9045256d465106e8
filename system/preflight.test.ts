// Goal: what is wrong with any service is told before a server is started, all of it at once, and what they share only once.
import { createServer } from 'node:net';
import { assertStartable } from './preflight.ts';

const refusing = (message: string) => () => {
  throw new Error(message);
};

test('a taken port and the settings of each service are told together', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const services = [
    { name: 'one', port, check: refusing('HOST is open') },
    { name: 'two', port: 0, check: refusing('HOST is open') },
    { name: 'three', port: 0, check: refusing('LOG_LEVEL is loud') },
  ];
  await expect(assertStartable(services, () => ({}))).rejects.toThrow(
    `port ${port} for one is taken: end what listens there, or choose another port\nHOST is open\nLOG_LEVEL is loud`,
  );
  taken.close();
});

test('each service is asked with what it will be told', async () => {
  const asked: unknown[] = [];
  const services = ['one', 'two'].map((name) => ({ name, port: 0, check: (env: object) => void asked.push(env) }));
  await assertStartable(services, ({ name }) => ({ NAME: name }));
  expect(asked).toEqual([{ NAME: 'one' }, { NAME: 'two' }]);
});

test('two services may not have one port', async () => {
  const services = [
    { name: 'one', port: 29998 },
    { name: 'two', port: 29998 },
    { name: 'three', port: 0 },
    { name: 'four', port: 0 },
  ];
  await expect(assertStartable(services, () => ({}))).rejects.toThrow(
    /^port 29998 is meant for one and for two: give each its own$/,
  );
});
