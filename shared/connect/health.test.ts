// Goal: "running" means the connector and every task, and the reason for anything else is short, true and free of data.
import { healthOf, traceSummary } from './health.ts';

const status = (
  state: 'RUNNING' | 'FAILED' | 'PAUSED' | 'STOPPED',
  tasks: ('RUNNING' | 'FAILED' | 'UNASSIGNED')[],
  trace?: string,
) => ({
  name: 'c',
  connector: { state, worker_id: 'w' },
  tasks: tasks.map((one, id) => ({ id, state: one, worker_id: 'w', ...(trace && one === 'FAILED' ? { trace } : {}) })),
});

test.each([
  ['all running', status('RUNNING', ['RUNNING', 'RUNNING']), true, null],
  ['no task yet', status('RUNNING', []), false, 'connector c has no task yet'],
  [
    'one task failed',
    status('RUNNING', ['RUNNING', 'FAILED'], 'Broken: pipe\n\tat x'),
    false,
    'task 1 of c is FAILED: Broken: pipe',
  ],
  ['one task unassigned', status('RUNNING', ['UNASSIGNED']), false, 'task 0 of c is UNASSIGNED'],
  [
    'paused',
    status('PAUSED', []),
    false,
    'connector c is PAUSED, and a restart does not change that; to resume it: npm run connect -- resume c',
  ],
  [
    'stopped, with a task that had failed before',
    status('STOPPED', ['FAILED']),
    false,
    'connector c is STOPPED, and a restart does not change that; to resume it: npm run connect -- resume c',
  ],
  ['absent', undefined, false, 'connector c does not exist'],
])('%s', (_what, given, running, reason) => {
  expect(healthOf('c', given)).toMatchObject({ running, reason });
});

test('a trace is told by its first line and its innermost cause', () => {
  const trace =
    'ConnectException: Unrecoverable exception.\n\tat a\nCaused by: X: middle\n\tat b\nCaused by: Y: No resume point\n\tat c';
  expect(traceSummary(trace)).toBe('ConnectException: Unrecoverable exception. Caused by: Y: No resume point');
  expect(traceSummary(undefined)).toBe('the worker gives no reason');
});

test('neither the record nor a password of the trace is repeated', () => {
  const trace =
    'DataException: Bad field : Exception creating Source record for: Key={"a":1} Value={"email":"ann@x.org"}\nCaused by: Z: mongodb://u:p@h/db refused';
  expect(traceSummary(trace)).not.toMatch(/ann|u:p/);
  expect(traceSummary(trace)).toContain('mongodb://***@h/db');
});
