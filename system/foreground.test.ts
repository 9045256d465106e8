// Goal: what npm start says of its processes while it runs is a sentence that names the process and the cause, no JSON.
// Method: each kind of event, the figures and names that it has to show.
import { processText } from './foreground.ts';

test('each event of a process is a sentence with its names, its cause and its time', () => {
  const [name, reason] = ['mongod', 'it ended with signal SIGKILL'];
  expect([
    processText({ type: 'ended', name, reason, waitMs: 500 }),
    processText({ type: 'not-started', name, reason: 'port 20001 for MongoDB is taken', waitMs: 10_000 }),
    processText({ type: 'runs-again', name, reason, downMs: 3217 }),
    processText({ type: 'given-up', name, reason, ends: 6 }),
  ]).toEqual([
    'mongod does not run (it ended with signal SIGKILL): it is started again in 0.5 s',
    'mongod could not be started again, next try in 10.0 s: port 20001 for MongoDB is taken',
    'mongod runs again, after 3.2 s',
    'mongod ended 6 times within ten minutes and is not started again: it ended with signal SIGKILL; its log is in logs/ of DATA_DIR',
  ]);
});
