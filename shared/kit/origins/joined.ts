// Several models whose events one topic carries: each subject is asked of the origin of its kind, and a resync is done when that of each
// model is done.
import { groupBy, kindOf, type StoredEvent } from '../../engine/index.ts';
import type { OpenModel } from '../models.ts';
import type { Origin, TopicOrigin } from './origin.ts';

export function joinedOrigin(ofTopic: readonly (readonly [OpenModel, Origin])[]): TopicOrigin {
  const [[, first], ...others] = ofTopic as [readonly [OpenModel, Origin]];
  // A store of this service has the events of all its kinds.
  if (others.length === 0 || !first.foreign) return first;
  const byKind = new Map(ofTopic.map(([{ declaration }, origin]) => [declaration.projection.kind, origin]));
  return {
    topic: first.topic,
    foreign: true,
    async readNext(positions, eachMax, failed) {
      const asked = [...groupBy(positions, ([subject]) => kindOf(subject))].map(([kind, some]) => ({
        subjects: some.map(([subject]) => subject),
        answer: byKind.get(kind)?.readNext(new Map(some), eachMax, failed) ?? Promise.resolve<StoredEvent[]>([]),
      }));
      const ended = await Promise.allSettled(asked.map(({ answer }) => answer));
      const answers = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      for (const [i, one] of ended.entries()) {
        if (one.status === 'fulfilled') continue;
        if (!failed || answers.length === 0) throw one.reason;
        for (const subject of asked[i]?.subjects ?? []) failed(subject, one.reason);
      }
      return answers.flat();
    },
    async newest() {
      return (await Promise.all([...byKind.values()].map((origin) => origin.newest()))).flat();
    },
    resync(_models, broker, into) {
      const each = ofTopic.map(([model, origin]) => origin.resync([model], broker, into));
      const bounds = each.flatMap(({ behindMax }) => behindMax ?? []);
      return {
        topic: first.topic,
        overlapMax: Math.max(...each.map(({ overlapMax = 0 }) => overlapMax)),
        ...(bounds.length > 0 && { behindMax: Math.min(...bounds) }),
        async takeIn(begun) {
          let complete = true;
          for (const { takeIn } of each) complete = (await takeIn(begun)) && complete;
          return complete;
        },
      };
    },
  };
}
