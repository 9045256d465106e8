// What supervision says to a person: one sentence for each event, with names, cause and time.
import type { SupervisionEvent } from './supervise.ts';
import type { FlowStep } from './supervise-flow.ts';

const stepTexts: Readonly<Record<FlowStep, string>> = {
  restart: 'it is restarted',
  'begin-anew': 'its position cannot be used, so it begins anew and copies its collection again',
};

export function supervisionText(event: SupervisionEvent): string {
  switch (event.type) {
    case 'restarting':
      return `${event.name} is restarted, try ${event.attempt}: ${event.reason}`;
    case 'recovered':
      return `${event.name} runs again, after ${seconds(event.downMs)}`;
    case 'not-running':
      return `${event.name} does not run: ${event.reason}`;
    case 'worker-unreachable':
      return `Kafka Connect does not answer: ${event.reason}`;
    case 'worker-reachable':
      return `Kafka Connect answers again, after ${seconds(event.downMs)}`;
    case 'stalled':
      return `${event.name} has not moved on for ${seconds(event.quietMs)}: ${stepTexts[event.step]}`;
    case 'flows':
      return `${event.name} moves on again, after ${seconds(event.quietMs)}`;
    case 'flow-alarm':
      return `${event.name} does not move on, and nothing more is done by itself: ${event.reason}`;
    case 'topic-missing':
      return `topic ${event.topic} is gone, and ${event.names.join(', ')} cannot run without it: the topic is created again`;
    case 'topic-made':
      return `topic ${event.topic} exists again, and ${event.names.join(', ')} continue`;
    case 'topics-unknown':
      return `the topics cannot be looked at: ${event.reason}`;
    case 'topics-known':
      return 'the topics can be looked at again';
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
