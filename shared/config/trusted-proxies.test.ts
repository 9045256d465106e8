// Goal: only what names certain proxies is taken as a list of them. Method: lists that are right, and lists that are wrong in one entry.
import { commonSettings, readSettings } from './index.ts';

const read = (TRUSTED_PROXIES: string) =>
  readSettings(commonSettings, { MONGODB_URI: 'mongodb://nowhere', TRUSTED_PROXIES }).TRUSTED_PROXIES;

test.each([
  ['', undefined],
  ['10.0.0.7', ['10.0.0.7']],
  ['10.0.0.0/8, 2001:db8::/32 ,::1', ['10.0.0.0/8', '2001:db8::/32', '::1']],
])('%j is taken', (text, expected) => expect(read(text)).toEqual(expected));

test.each([
  'proxy',
  'loopback',
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  '10.0.0.1,',
  '*',
  'true',
  '10.0.0.0/-1',
  '10.0.0',
])('%j is refused, by the name of the setting', (text) =>
  expect(() => read(text)).toThrow(/TRUSTED_PROXIES \(.*\): must be addresses or networks/),
);
