// Goal: a start is all or nothing, and every step is told with its end.
import { type Step, startBoth, stepRunner } from './steps.ts';

test('a step tells its start, its news and its end, and passes its result on', async () => {
  const steps: Step[] = [];
  const result = await stepRunner((step) => steps.push(step))('mongodb', async (say) => {
    say('fetching');
    return [42, 'up'];
  });
  expect(result).toBe(42);
  expect(steps.map(({ state, detail }) => [state, detail])).toEqual([
    ['started', ''],
    ['started', 'fetching'],
    ['done', 'up'],
  ]);
});

test('a failed step tells its reason and passes its error on', async () => {
  const steps: Step[] = [];
  const failing = stepRunner((step) => steps.push(step))('kafka', () => Promise.reject(new Error('no Java')));
  await expect(failing).rejects.toThrow('no Java');
  expect(steps.at(-1)).toMatchObject({ name: 'kafka', state: 'failed', detail: 'no Java' });
});

test('when one start fails the other is aborted, and what came up is closed', async () => {
  const closed: string[] = [];
  const closable = (name: string) => ({ close: async () => void closed.push(name) });
  const slow = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped')));
    });
  const failing = async () => {
    throw new Error('the disk is full');
  };
  await expect(startBoth(undefined, slow, failing)).rejects.toThrow('the disk is full');
  await expect(startBoth(undefined, async () => closable('database'), failing)).rejects.toThrow('the disk is full');
  expect(closed).toEqual(['database']);
});

test('an abort from outside stops both', async () => {
  const stopped = AbortSignal.abort(new Error('Ctrl-C'));
  const never = () => Promise.reject(new Error('was called'));
  await expect(startBoth(stopped, never, never)).rejects.toThrow('the start was stopped');
});
