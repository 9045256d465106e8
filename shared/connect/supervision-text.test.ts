// Goal: what supervision says of connectors is a sentence that names the connector or topic and the cause, no JSON.
// Method: each kind of event, the figures and names that it has to show.
import { supervisionText } from './supervision-text.ts';

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
    supervisionText({ type: 'stalled', name: 'user-events', quietMs: 25_040, step: 'restart' }),
    supervisionText({ type: 'stalled', name: 'user-events', quietMs: 41_000, step: 'begin-anew' }),
    supervisionText({ type: 'flows', name: 'user-events', quietMs: 47_200 }),
    supervisionText({ type: 'flow-alarm', name: 'user-events', reason: 'it would copy too much' }),
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
    'user-events has not moved on for 25.0 s: it is restarted',
    'user-events has not moved on for 41.0 s: its position cannot be used, so it begins anew and copies its collection again',
    'user-events moves on again, after 47.2 s',
    'user-events does not move on, and nothing more is done by itself: it would copy too much',
  ]);
});
