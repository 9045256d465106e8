// What `npm start` says, in a sentence each, of what it does about connectors and topics while the system runs.
import type { SupervisionEvent } from 'foldline/connect';

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
    case 'topic-missing':
      return `topic ${event.topic} is gone, which ${event.names.join(', ')} cannot do without: it is made again`;
    case 'topic-made':
      return `topic ${event.topic} is there again, and ${event.names.join(', ')} go on`;
    case 'topics-unknown':
      return `the topics cannot be looked at: ${event.reason}`;
    case 'topics-known':
      return 'the topics can be looked at again';
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
