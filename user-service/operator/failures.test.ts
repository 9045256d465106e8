// Goal: what an operator may not do, or has no room for, is one sentence that names it and the way out, without anybody's data; a fault
// of ours stays one. Method: errors as the server and the system make them.
import { type AdminFailureCode, isAdminFailure } from 'foldline/admin';
import { Failure } from 'foldline/engine';
import { MongoServerError } from 'mongodb';
import { told } from './long-verb.ts';

const denied = (errmsg: string) => new MongoServerError({ errmsg, code: 13, codeName: 'Unauthorized' });
const ofTheDisk = (code: string, message: string) =>
  Object.assign(new Error(`${code}: ${message}`), { code, syscall: 'open' });

test.each<[string, AdminFailureCode, Error]>([
  [
    'do this: not authorized on users to execute command collMod: "UserEvents". Give that user the right',
    'service-refused',
    denied('not authorized on users to execute command { collMod: "UserEvents", validator: { name: "Ada" } }'),
  ],
  [
    'do this: not authorized on legacy to execute command listCollections. Give that user the right',
    'service-refused',
    denied('not authorized on legacy to execute command { listCollections: 1, filter: { name: "Ada" } }'),
  ],
  [
    'do this: command find requires authentication. ',
    'service-refused',
    denied('command find requires authentication'),
  ],
  [
    'be used: EACCES: permission denied, mkdir. Make room or give the right, or name another folder in DATA_DIR. ',
    'config-invalid',
    ofTheDisk('EACCES', 'permission denied, mkdir'),
  ],
  ['be used: EROFS: read-only file system', 'config-invalid', ofTheDisk('EROFS', 'read-only file system')],
  ['be used: ENOSPC: no space left', 'config-invalid', ofTheDisk('ENOSPC', 'no space left')],
  ['It is late. ', 'service-unreachable', new Failure('overloaded', 'It is late.')],
])('hazard: an operator reads "%s", and no trace of calls', (part, code, error) => {
  const failure = told(error);
  if (!isAdminFailure(failure)) throw failure;
  expect([failure.code, failure.cause]).toEqual([code, error]);
  expect(failure.message).toContain(part);
  expect(failure.message).toMatch(/the same command goes on where this one ended\.$/);
  expect(failure.message).not.toContain('Ada');
});

test('anything unexpected stays what it is', () => {
  const others = [new TypeError('x is no function'), Object.assign(new Error('x'), { code: 'ENOENT' }), undefined];
  for (const error of [...others, new MongoServerError({ errmsg: 'bad value', code: 2 })])
    expect(told(error)).toBe(error);
});
