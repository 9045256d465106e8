// Goal: a bench whose wait is in vain ends, and says what did not come. Method: a wait that comes, and one that never does.
import { within } from './within.ts';

test('what comes is answered; what does not come fails by name, with how much is missing by then', async () => {
  expect(await within(60_000, () => 'answer', Promise.resolve(1))).toBe(1);
  await expect(within(60_000, () => 'answer', Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  let left = 9;
  const wait = within(20, () => `end of ${left} removals`, new Promise(() => {}));
  left = 3;
  await expect(wait).rejects.toThrow('after 0.02 s there is no end of 3 removals');
});
