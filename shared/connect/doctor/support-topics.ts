// Topics that connectors need besides their own: one that is missing makes them stand still while the worker says RUNNING.
import type { SupportTopic } from '../needed-topics.ts';
import { type Diagnosis, diagnosed } from './diagnosis.ts';

export function diagnoseSupport(support: readonly SupportTopic[], existing: ReadonlySet<string>): Diagnosis[] {
  return support
    .filter(({ name }) => !existing.has(name))
    .map(({ name, neededBy }) =>
      diagnosed(
        'support-topic-missing',
        `topic ${name}`,
        `is not there, and ${neededBy.join(', ')} cannot go on without it, though the worker says RUNNING`,
      ),
    );
}
