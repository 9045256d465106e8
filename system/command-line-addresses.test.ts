// Goal: the printed line sets, in a real shell, exactly the addresses of the system, whatever characters they have.
// Method: a shell reads the line and prints its variables.
import { execFileSync } from 'node:child_process';
import { exportLine } from './command-line-addresses.ts';

const ready = {
  mode: 'kafka' as const,
  userService: 'http://127.0.0.1:3001',
  shoppingService: 'http://127.0.0.1:3002',
  mongodb: 'mongodb://127.0.0.1:27017/?replicaSet=foldline&w=majority',
  kafka: '127.0.0.1:9092',
  connect: 'http://127.0.0.1:8083',
};

const setBy = (line: string) =>
  execFileSync('sh', ['-c', `${line}\nenv`], { env: {}, encoding: 'utf8' })
    .split('\n')
    .filter((one) => /^(MONGODB|KAFKA|CONNECT|USER|SHOPPING)_/.test(one))
    .sort();

test('a shell that reads the line has every address, also with quotes, spaces and dollars', () => {
  const folder = `/tmp/it's $HOME/.foldline/secrets`;
  expect(setBy(exportLine(ready, folder, ready.mongodb))).toEqual([
    "CONNECT_SECRETS_DIR=/tmp/it's $HOME/.foldline/secrets",
    'CONNECT_URL=http://127.0.0.1:8083',
    'KAFKA_BROKERS=127.0.0.1:9092',
    'MONGODB_URI=mongodb://127.0.0.1:27017/?replicaSet=foldline&w=majority',
    'SHOPPING_SERVICE_URL=http://127.0.0.1:3002',
    'USER_SERVICE_URL=http://127.0.0.1:3001',
  ]);
});

test('without a broker nothing of Kafka is set, and an address of MongoDB that was given is not repeated', () => {
  const embedded = { ...ready, mode: 'embedded' as const, kafka: null, connect: null };
  expect(setBy(exportLine(embedded, '/tmp/secrets', undefined))).toEqual([
    'SHOPPING_SERVICE_URL=http://127.0.0.1:3002',
    'USER_SERVICE_URL=http://127.0.0.1:3001',
  ]);
});
