// Goal: what npm start says of connectors while it runs is a sentence that names the connector or topic and the cause, no JSON.
// Method: each kind of event, the figures and names that it has to show.
import { processText, supervisionText } from './foreground.ts';

test('each event is a sentence with its names, its cause and its time', () => {
  const names = ['user-events', 'order-events'];
  const said = [
    supervisionText({ type: 'restarting', name: 'user-events', attempt: 2, reason: 'task 0 is FAILED' }),
    supervisionText({ type: 'recovered', name: 'user-events', downMs: 12_276 }),
    supervisionText({ type: 'not-running', name: 'user-events', reason: 'it is STOPPED' }),
    supervisionText({ type: 'worker-unreachable', reason: 'ECONNREFUSED' }),
    supervisionText({ type: 'worker-reachable', downMs: 900 }),
    supervisionText({ type: 'topic-missing', topic: 'foldline-heartbeats', names }),
    supervisionText({ type: 'topic-made', topic: 'foldline-heartbeats', names }),
    supervisionText({ type: 'topics-unknown', reason: 'ECONNREFUSED' }),
    supervisionText({ type: 'topics-known' }),
  ];
  expect(said).toEqual([
    'user-events is restarted, try 2: task 0 is FAILED',
    'user-events runs again, after 12.3 s',
    'user-events does not run: it is STOPPED',
    'Kafka Connect does not answer: ECONNREFUSED',
    'Kafka Connect answers again, after 0.9 s',
    'topic foldline-heartbeats is gone, and user-events, order-events cannot run without it: the topic is created again',
    'topic foldline-heartbeats exists again, and user-events, order-events continue',
    'the topics cannot be looked at: ECONNREFUSED',
    'the topics can be looked at again',
  ]);
});

test('so is each event of a process', () => {
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
