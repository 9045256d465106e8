// Goal: whatever is thrown has a reason that can stand in a sentence. Method: errors of each shape, and what is no error.
import { codeOf, networkReasonOf, reasonOf, rootReasonOf } from './reason.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
const fetchFailed = new TypeError('fetch failed', { cause: refused });
const both = new TypeError('fetch failed', { cause: new AggregateError([refused, refused]) });

test.each<[unknown, string, string]>([
  [fetchFailed, 'fetch failed', 'connect ECONNREFUSED 127.0.0.1:1'],
  [both, 'fetch failed', 'connect ECONNREFUSED 127.0.0.1:1'],
  [{ message: 'of another realm' }, 'of another realm', 'of another realm'],
  [new Error('', { cause: 'a text' }), '', 'Error'],
  ['a text', 'a text', 'a text'],
  [null, 'null', 'null'],
  [undefined, 'undefined', 'undefined'],
])('%p: in short, and at its root', (error, reason, root) => {
  expect([reasonOf(error), rootReasonOf(error)]).toEqual([reason, root]);
});

test('the network has codes, and where it has none its innermost message', () => {
  expect(networkReasonOf(fetchFailed)).toBe('ECONNREFUSED');
  expect(networkReasonOf(both)).toBe('connect ECONNREFUSED 127.0.0.1:1');
  expect(networkReasonOf(new Error('closed'))).toBe('closed');
});

test('a code is a text or a number', () => {
  expect([refused, { code: 13 }, { code: {} }, null].map(codeOf)).toEqual(['ECONNREFUSED', 13, undefined, undefined]);
});
