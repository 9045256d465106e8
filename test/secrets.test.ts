// Goal: what `npm start` starts is handed no secret that it does not read.
// Method: the list of secrets is held against every settings table; real processes are looked at in test/e2e/start-kafka.test.ts.

import { secretSettings, serverEnvironment, withoutSecrets } from '@foldline/system';
import { adminSettings } from 'foldline/admin';
import { importTable, settingsTables } from './rules/settings-tables.ts';

const mayHoldSecrets = /TOKEN|URI|SECRET|PASSWORD|USERNAME/;

test('every setting that is a secret, or may hold one, is in the list', () => {
  const tables = [...settingsTables().map(({ table }) => table), importTable(), adminSettings];
  const found = new Set(tables.flatMap((table) => Object.keys(table).filter((name) => mayHoldSecrets.test(name))));
  expect([...found].sort()).toEqual([...secretSettings].sort());
});

const around = { PATH: '/bin', HOME: '/root', LC_ALL: 'C', TZ: 'UTC', JAVA_TOOL_OPTIONS: '-Xss1m' };
const secrets = Object.fromEntries(secretSettings.map((name) => [name, 'secret']));
const ofOthers = {
  AWS_SECRET_ACCESS_KEY: 'secret',
  NPM_TOKEN: 'secret',
  SSH_AUTH_SOCK: '/tmp/agent',
  PGPASSWORD: 'secret',
};

test('a server gets what it needs to run, whatever else there is', () => {
  expect(serverEnvironment({ ...around, ...secrets, ...ofOthers, PATHS: 'x', XPATH: 'x' })).toEqual(around);
});

test('a service gets of the secrets those that it reads, and everything that its team gave it', () => {
  const given = withoutSecrets({ ...around, ...secrets, ...ofOthers }, ['API_TOKENS']);
  expect(given).toEqual({ ...around, ...ofOthers, API_TOKENS: 'secret' });
  expect(withoutSecrets({ ...around, ...secrets })).toEqual(around);
});
