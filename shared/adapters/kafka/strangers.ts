// Members of other programs in the consumer group of a service. They take partitions, and the service gets no event of these.
import { reasonOf } from '../../engine/index.ts';
import { type KafkaClient, type KafkaConnection, withAdmin } from './kafka-client.ts';

export interface Strangers {
  /** To be called after each join of the group, which every coming and going of a member brings about. */
  look(): Promise<void>;
  /** Who they are, in one sentence; undefined where there are none, as far as is known. */
  trouble(): string | undefined;
}

/** How many are named. */
const namedMax = 5;

export function watchForStrangers(
  kafka: KafkaClient,
  { groupId, clientId, log }: Pick<KafkaConnection, 'clientId' | 'log'> & { readonly groupId: string },
): Strangers {
  let trouble: string | undefined;
  return {
    trouble: () => trouble,
    async look() {
      try {
        const { groups } = await withAdmin(kafka, (admin) => admin.describeGroups([groupId]));
        const strangers = (groups[0]?.members ?? []).filter((member) => member.clientId !== clientId);
        const names = strangers
          .slice(0, namedMax)
          .map((one) => `${one.clientId} at ${one.clientHost.replace(/^\//, '')}`);
        const what = `the group ${groupId} also has members of other programs, which take partitions from ${clientId}: ${names.join(', ')}`;
        if (names.length > 0 && trouble !== what) log.warn({ group: groupId }, what);
        trouble = names.length > 0 ? what : undefined;
      } catch (error) {
        log.warn({ group: groupId }, `the members of the group are not known: ${reasonOf(error)}`);
      }
    },
  };
}
