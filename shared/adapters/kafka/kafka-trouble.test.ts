// Goal: what keeps a client from a broker is told as login or TLS only where it is one of them. Method: errors in the shape in which
// kafkajs throws them; those of a real broker are provoked in test/e2e/kafka-login.test.ts.
import { type KafkaTrouble, kafkaTrouble } from './kafka-client.ts';

const closed = { name: 'KafkaJSConnectionClosedError', message: 'Closed connection' };
const failed = (code: string) => ({ name: 'KafkaJSConnectionError', message: `Connection error: ${code}`, code });
const tls = { ssl: true } as const;
const both = { ...tls, sasl: { mechanism: 'plain', username: 'shop', password: 'hunter2' } } as const;
type Case = [string, object, Parameters<typeof kafkaTrouble>[1], KafkaTrouble['kind'] | undefined];

test.each<Case>([
  ['a broker that is away', failed('ECONNREFUSED'), { security: both, isConnected: false }, undefined],
  ['a name that leads nowhere', failed('ENOTFOUND'), { security: tls, isConnected: false }, undefined],
  ['a broker that ends, with TLS and login', closed, { security: both, isConnected: true }, undefined],
  ['a connection that breaks', failed('ECONNRESET'), { security: both, isConnected: true }, undefined],
  ['a connection that breaks before TLS', failed('ECONNRESET'), { security: both, isConnected: false }, 'tls'],
  ['one that is refused without TLS', failed('ECONNRESET'), { security: {}, isConnected: false }, 'tls'],
  ['a certificate of the past', failed('CERT_HAS_EXPIRED'), { security: tls, isConnected: false }, 'tls'],
  ['a broker that wants a certificate', failed('EPROTO'), { security: tls, isConnected: false }, 'tls'],
  ['one that is closed without a login', closed, { security: tls, isConnected: true }, 'login'],
  [
    'a mechanism that is not known',
    { name: 'KafkaJSProtocolError', message: 'not supported', type: 'UNSUPPORTED_SASL_MECHANISM' },
    { security: both, isConnected: false },
    'login',
  ],
])('%s', (_, error, attempt, kind) => {
  const wrapped = { name: 'KafkaJSNumberOfRetriesExceeded', message: 'retries', cause: error };
  expect(kafkaTrouble(error, attempt)?.kind).toBe(kind);
  expect(kafkaTrouble(wrapped, attempt)?.kind).toBe(kind);
});

test('what is no error of a driver is not told as one', () => {
  for (const thrown of [undefined, null, 'closed', new Error('the group has members')])
    expect(kafkaTrouble(thrown, { security: {}, isConnected: true })).toBeUndefined();
});
