// Goal: login and TLS at Kafka are what the settings say, and what cannot work or would send a password in the clear is refused with
// the variable's name and the way out. Method: the settings as a process reads them, files in a folder of their own; that brokers take
// what comes out is tried in test/e2e/kafka-login.test.ts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { kafkaSecurity, kafkaSecuritySettings } from './kafka-security.ts';
import { readSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'foldline-ca-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const [first = '', second = ''] = rootCertificates;
const login = { KAFKA_SASL_USERNAME: 'shop', KAFKA_SASL_PASSWORD: 'hunter2' };
const elsewhere = ['127.0.0.1:9092', 'kafka.example.org:9092'];

const read = (env: Readonly<Record<string, string>>, brokers: readonly string[] = elsewhere) =>
  kafkaSecurity(readSettings(kafkaSecuritySettings, env), brokers);

test('nothing set: neither TLS nor login; an empty variable is not set', () => {
  expect(read({})).toEqual({});
  expect(read({ KAFKA_TLS: '', KAFKA_SASL_MECHANISM: '', KAFKA_SASL_PASSWORD: '' })).toEqual({});
});

test('TLS with the list of Node, or with the authorities of a file alone', () => {
  expect(read({ KAFKA_TLS: 'true' })).toEqual({ ssl: true });
  const ca = file('two.pem', `of the estate\n${first}\nand of another\n${second}\n`);
  expect(read({ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: ca })).toEqual({ ssl: { ca: `${first}\n${second}` } });
});

test('a login, its mechanism as Kafka writes it or as we do', () => {
  const sasl = { mechanism: 'scram-sha-512', username: 'shop', password: 'hunter2' };
  expect(read({ ...login, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' })).toEqual({ sasl });
  expect(read({ ...login, KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_TLS: 'true' })).toEqual({ ssl: true, sasl });
});

test.each<[string, Readonly<Record<string, string>>, RegExp[]]>([
  [
    'a mechanism without user',
    { KAFKA_SASL_MECHANISM: 'plain', KAFKA_TLS: 'true' },
    [/_USERNAME: set/, /_PASSWORD: set/],
  ],
  ['a mechanism that is unknown', { ...login, KAFKA_SASL_MECHANISM: 'gssapi' }, [/KAFKA_SASL_MECHANISM \("gssapi"\)/]],
  ['a user without a mechanism', login, [/^KAFKA_SASL_USERNAME is set/m, /^KAFKA_SASL_PASSWORD is set/m]],
  ['neither true nor false', { KAFKA_TLS: 'yes' }, [/KAFKA_TLS \("yes"\)/]],
  [
    'an authority without TLS',
    { KAFKA_TLS_CA_FILE: file('ca.pem', first) },
    [/KAFKA_TLS_CA_FILE .* set KAFKA_TLS=true/],
  ],
  [
    'a file that is not there',
    { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: '/nowhere.pem' },
    [/nowhere.*ENOENT.*name a file/],
  ],
  ['a file of something else', { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: file('k.jks', 'PK') }, [/holds no certificate/]],
  [
    'a file that is cut',
    { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: file('cut.pem', first.replace(/\n[^\n]+\n[^\n]+\n/, '\n')) },
    [/cannot be read: write/],
  ],
  [
    'plain in the clear',
    { ...login, KAFKA_SASL_MECHANISM: 'plain' },
    [/in the clear to kafka\.example\.org:9092: set/],
  ],
])('%s is refused, and no password is told', (_, env, says) => {
  const refused = () => read(env);
  for (const words of says) expect(refused).toThrow(words);
  expect(refused).not.toThrow(/hunter2/);
});

test('hazard: an address on this machine that leads to brokers elsewhere does not get the password in the clear', () => {
  const { sasl, socketFactory } = read({ ...login, KAFKA_SASL_MECHANISM: 'plain' }, [
    'localhost:9092',
    '127.0.0.2:9092',
  ]);
  expect(sasl?.mechanism).toBe('plain');
  const open = (host: string) => socketFactory?.({ host, port: 1, onConnect: () => {} });
  expect(() => open('kafka-0.example.org')).toThrow(/in the clear to kafka-0\.example\.org: set KAFKA_TLS=true/);
  expect(() => open('127.example.org')).toThrow('in the clear');
  const here = open('127.0.0.1');
  here?.on('error', () => {});
  expect(here?.destroy().destroyed).toBe(true);
});
