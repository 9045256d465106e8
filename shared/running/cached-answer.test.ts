// Goal: many who ask cost one question now and then, and nobody waits for ever. Method: an answer that a test gives, on its clock.
import { cachedAnswer } from './cached-answer.ts';

function world(timeoutMs = 10_000) {
  let nowMs = 0;
  const asked: { answer: (value: number) => void; fail: (error: Error) => void }[] = [];
  const ask = cachedAnswer(
    () => new Promise<number>((answer, fail) => asked.push({ answer, fail })),
    { cachedMs: 1000, timeoutMs },
    () => nowMs,
  );
  return { ask, asked, pass: (ms: number) => (nowMs += ms) };
}

test('one question for all who ask at once, and for a while after', async () => {
  const { ask, asked, pass } = world();
  const both = Promise.all([ask(), ask()]);
  asked[0]?.answer(7);
  expect(await both).toEqual([7, 7]);
  pass(999);
  expect(await ask()).toBe(7);
  pass(1);
  const later = ask();
  expect(asked).toHaveLength(2);
  asked[1]?.answer(8);
  expect(await later).toBe(8);
});

test('a question that failed is asked anew', async () => {
  const { ask, asked } = world();
  const first = ask();
  asked[0]?.fail(new Error('no broker'));
  await expect(first).rejects.toThrow('no broker');
  const second = ask();
  asked[1]?.answer(1);
  expect(await second).toBe(1);
});

test('whoever asks is told after a while that there is no answer; the question is not asked again beside itself', async () => {
  const { ask, asked, pass } = world(10);
  await expect(ask()).rejects.toThrow('no answer within 10 ms');
  pass(60_000);
  await expect(ask()).rejects.toThrow('no answer within 10 ms');
  expect(asked).toHaveLength(1);
  asked[0]?.answer(3);
  // Its answer is as old as its question.
  const next = ask();
  expect(asked).toHaveLength(1);
  expect(await next).toBe(3);
});
