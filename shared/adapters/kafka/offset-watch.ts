// Holds one consumer to the service's own offsets, from its begin to its end. kafkajs goes to whatever offset the group committed last, and
// to an end of the log where that offset is out of range; both without a word. Here every batch is compared with the own offset: a batch that
// begins later sends the consumer back, and a log that is cut or replaced ends it, so that the service can resync.
import { createHash } from 'node:crypto';
import type { Batch, Consumer, KafkaMessage } from 'kafkajs';
import type { FeedItem } from '../../engine/index.ts';
import type { FoldedRecord, OwnOffset, OwnOffsets } from '../../operations/ports.ts';
import { type KafkaClient, withAdmin } from './kafka-client.ts';

/** kafkajs does not declare it: the offset that the request named which brought the batch. */
type FetchedBatch = Batch & { readonly fetchedOffset: string };

interface Place {
  own: OwnOffset;
  /** The offset that the consumer must ask for next. */
  asksFor: bigint;
  /** Whether `own` was read, or moved, since the consumer joined its group. */
  isCurrent: boolean;
  /** Where a batch began too late, and the consumer was sent back: the broker has no record between, if the next one begins as late. */
  sentBackTo: bigint | undefined;
}

export interface OffsetWatchPorts {
  readonly kafka: KafkaClient;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly own: OwnOffsets;
  /** Whether a resync brings what a topic no longer has. Of any other topic the rest is followed. */
  resyncs(topic: string): boolean;
  /** Told that records are gone, or that the log is another one. */
  lost(topic: string, what: string): Promise<void>;
  /** A committed offset that is not the service's own: another program moved it, or an operator. */
  foreign(topic: string, what: string): Promise<void>;
}

export interface OffsetWatch {
  /** To be called before the consumer runs. */
  begin(consumer: Pick<Consumer, 'on' | 'events' | 'seek'>): Promise<void>;
  /**
   * What the documents do not hold of a batch that has messages.
   *
   * @param idOf the id under which a message is stored as the last one
   * @returns undefined when the consumer was sent to another offset: the batch is not to be resolved
   * @throws Error when the log is not the one that was read before, and a resync covers the topic
   */
  unfolded(batch: Batch, idOf: (message: KafkaMessage) => string): Promise<Unfolded | undefined>;
}

export interface Unfolded {
  readonly messages: readonly KafkaMessage[];
  /** Moves the own offset past the batch. To be called when the documents are written. */
  moveOn(): Promise<void>;
}

const atBeginning: OwnOffset = { next: 0n, last: undefined };

const keyOf = ({ topic, partition }: Pick<Batch, 'topic' | 'partition'>) => `${topic}/${partition}`;

/** The id of the event; where no event can be read, a digest of the value. */
export function recordId(item: FeedItem, { value }: Pick<KafkaMessage, 'value'>): string {
  return 'event' in item
    ? item.event.id
    : createHash('sha256')
        .update(value ?? '')
        .digest('hex');
}

export function watchOffsets({ kafka, groupId, topics, own, resyncs, lost, foreign }: OffsetWatchPorts): OffsetWatch {
  const places = new Map<string, Place>();
  let seek: Consumer['seek'] = () => {};

  /** The last folded record is read again, because its id shows whether the log is still the same. */
  const placeAt = (offset: OwnOffset): Place => ({
    own: offset,
    asksFor: offset.last?.offset ?? offset.next,
    isCurrent: false,
    sentBackTo: undefined,
  });

  function send(topic: string, partition: number, place: Place): void {
    places.set(keyOf({ topic, partition }), place);
    seek({ topic, partition, offset: String(place.asksFor) });
  }

  async function committedIn(topic: string): Promise<ReadonlyMap<number, bigint>> {
    const [group] = await withAdmin(kafka, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    const known = (group?.partitions ?? []).filter(({ offset }) => offset !== '-1');
    return new Map(known.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  async function startsOf(topic: string): Promise<ReadonlyMap<number, bigint>> {
    const ends = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
    return new Map(ends.map(({ partition, low }) => [partition, BigInt(low)]));
  }

  /**
   * A topic that no resync covers may have no own offsets yet: there the committed ones are taken over, as an earlier release left them; a
   * partition without one is read from the beginning of its log.
   */
  async function openTopic(topic: string): Promise<void> {
    const committed = await committedIn(topic);
    if (!(await own.of(topic))) {
      // Another process gave them up since they were looked at: the next consumer resyncs.
      if (resyncs(topic)) throw new Error(`the own offsets in ${topic} were given up`);
      await own.begin(topic, new Map([...(await startsOf(topic)), ...committed]));
    }
    for (const [partition, offset] of (await own.of(topic)) ?? []) {
      const theirs = committed.get(partition) ?? offset.next;
      if (theirs > offset.next)
        await foreign(
          topic,
          `${topic}/${partition}: the group is committed to ${theirs}, and the service folded up to ${offset.next}`,
        );
      places.set(keyOf({ topic, partition }), placeAt(offset));
    }
  }

  /** The first batch of a partition since the consumer joined: another process may have moved the own offset on meanwhile. */
  async function currentPlace(batch: Batch): Promise<Place> {
    const { topic, partition } = batch;
    const known = places.get(keyOf(batch));
    if (known?.isCurrent) return known;
    const stored = await own.of(topic);
    if (!stored) throw new Error(`the own offsets in ${topic} were given up`);
    const place = known ?? placeAt(atBeginning);
    const now = stored.get(partition) ?? place.own;
    if (now.next < place.own.next)
      throw new Error(`the own offset of ${keyOf(batch)} was ${place.own.next} and is ${now.next} now`);
    place.own = now;
    place.isCurrent = true;
    places.set(keyOf(batch), place);
    return place;
  }

  /**
   * Ends the consumer, so that the next one resyncs; where no resync covers the topic, goes on with what the log still has.
   *
   * @param from the first offset of the log that is to be read
   * @throws Error with `what` where a resync covers the topic
   */
  async function giveUp({ topic, partition }: Batch, place: Place, what: string, from: bigint): Promise<void> {
    await lost(topic, what);
    if (resyncs(topic)) throw new Error(what);
    const offset = { next: from, last: undefined };
    if (!(await own.move(topic, partition, place.own.next, offset))) throw new Error(what);
    send(topic, partition, { ...placeAt(offset), isCurrent: true });
  }

  async function moveOn(batch: Batch, place: Place, last: FoldedRecord): Promise<void> {
    const { topic, partition } = batch;
    const to = { next: BigInt(batch.lastOffset()) + 1n, last };
    while (!(await own.move(topic, partition, place.own.next, to))) {
      // A session ended in the middle of a batch, so that this process and another folded the same records.
      const stored = (await own.of(topic))?.get(partition);
      if (!stored || stored.next < place.own.next)
        throw new Error(`the own offset of ${keyOf(batch)} was ${place.own.next} and is ${stored?.next} now`);
      place.own = stored;
      if (stored.next >= to.next) return;
    }
    place.own = to;
  }

  return {
    async begin(consumer) {
      for (const topic of topics) await openTopic(topic);
      seek = (to) => consumer.seek(to);
      consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
        for (const [topic, partitions] of Object.entries(memberAssignment)) {
          for (const partition of partitions)
            send(topic, partition, placeAt(places.get(keyOf({ topic, partition }))?.own ?? atBeginning));
        }
      });
    },
    async unfolded(batch, idOf) {
      const { topic, partition, messages } = batch;
      const fetched = BigInt((batch as FetchedBatch).fetchedOffset);
      const place = await currentPlace(batch);
      const { own: ownOffset, asksFor } = place;
      const { next, last } = ownOffset;
      if (fetched < asksFor) {
        const what = `${keyOf(batch)} was read from ${fetched} on and not from ${asksFor}: the log was replaced`;
        return void (await giveUp(batch, place, what, fetched));
      }
      if (fetched > asksFor && place.sentBackTo !== asksFor) {
        const start = (await startsOf(topic)).get(partition) ?? 0n;
        const what = `${keyOf(batch)} was cut to ${start}, and its consumer was at ${next}`;
        if (start > next) await giveUp(batch, place, what, start);
        else send(topic, partition, { ...place, sentBackTo: asksFor });
        return undefined;
      }
      const again = last && messages.find(({ offset }) => BigInt(offset) === last.offset);
      if (again && idOf(again) !== last.id) {
        const what = `${keyOf(batch)} has another record at ${last.offset} than the one that was folded`;
        if (resyncs(topic)) await own.forget(topic);
        return void (await giveUp(batch, place, what, 0n));
      }
      const end = BigInt(batch.lastOffset()) + 1n;
      if (end < next) {
        send(topic, partition, { ...place, asksFor: next });
        return undefined;
      }
      const newest = messages.at(-1) as KafkaMessage;
      return {
        messages: messages.filter(({ offset }) => BigInt(offset) >= next),
        async moveOn() {
          if (BigInt(newest.offset) >= next)
            await moveOn(batch, place, { offset: BigInt(newest.offset), id: idOf(newest) });
          place.asksFor = end;
        },
      };
    },
  };
}
