// Goal: no user and no password of an address is printed, whatever characters it is made of, and a file that holds one is refused.
// Method: addresses as people write them, and addresses with random passwords, masked as a value and inside a message.
import fc from 'fast-check';
import { holdsSecret, maskUri, maskUris, maskValue } from './secrets.ts';

test.each([
  ['mongodb://u:p@h/', 'mongodb://***@h/'],
  ['mongodb://me:se@cret@host:1/?x=1', 'mongodb://***@host:1/?x=1'],
  ["mongodb://u:it's@h/", 'mongodb://***@h/'],
  ['mongodb://u:a"<b>/c@h/?x=1', 'mongodb://***@h/?x=1'],
  ['mongodb+srv://u:pa ss\nword@h/', 'mongodb+srv://***@h/'],
  ["mongodb://h/?tlsCertificateKeyFilePassword=it's&x=1", 'mongodb://h/?tlsCertificateKeyFilePassword=***&x=1'],
])('hazard: the password of %s is not told, and makes the file one with a secret', (uri, masked) => {
  expect(maskUri(uri)).toBe(masked);
  expect(maskValue('connection.uri', uri)).toBe(masked);
  expect(holdsSecret('connection.uri', uri)).toBe(true);
});

test('any password, as a value; and without white space, in any message', () => {
  const password = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(password, (secret) => {
      expect(maskUri(`mongodb://connect:${secret}@db:27017/`)).toBe('mongodb://***@db:27017/');
      const word = secret.replace(/\s/g, '');
      const message = `Cannot use "mongodb://connect:${word}@db/": it's away`;
      expect(maskUris(message)).toBe(`Cannot use "mongodb://***@db/": it's away`);
    }),
  );
});

test.each(['http://127.0.0.1:8083', 'mongodb://a:1,b:2/?replicaSet=rs0', 'ann@example.org', 'no address at all'])(
  '%s has nothing to hide',
  (text) => {
    expect([maskUri(text), maskUris(text), holdsSecret('connection.uri', text)]).toEqual([text, text, false]);
  },
);
