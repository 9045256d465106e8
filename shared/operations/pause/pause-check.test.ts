// Goal: readiness says why nothing is handled, whoever wanted it. Method: the answers of the pause gate, as they are while it stands still.
import { pauseCheck } from './projection-checks.ts';

const check = (reasons: readonly string[], pause?: { since: Date; by: string; reason: string }) =>
  pauseCheck({ name: 'shop', current: () => pause, reasons: () => reasons });

test('hazard: a move that has the projection stand still looks as if it went on', () => {
  expect(check(['start of customers'])).toEqual({
    name: 'pause',
    ready: true,
    detail: 'start of customers',
    data: null,
  });
});

test('a pause is told with who wanted it, without an address, and beside a move; nothing is told while it goes on', () => {
  const pause = { since: new Date(0), by: 'ops', reason: 'ask ada@example.org' };
  expect(check(['shop is paused by ops: ask ada@example.org', 'start of customers'], pause)).toMatchObject({
    detail: expect.stringMatching(/^shop is paused by ops: ask .*; start of customers$/),
    data: pause,
  });
  expect(check(['ask ada@example.org']).detail).not.toContain('ada@');
  expect(check([]).detail).toBe('shop is not paused');
});
