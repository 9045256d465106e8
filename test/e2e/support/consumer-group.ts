// A consumer group as the broker sees it: who holds which partition and what was handled of it; members that died are removed,
// and a group without members is set back to the start.
import { connect } from 'node:net';
import { mongoOwnOffsets, type OffsetsDocument } from 'foldline/mongodb';
import { AssignerProtocol, Kafka, logLevel } from 'kafkajs';
import type { Db } from 'mongodb';
import { waitUntil } from './wait-until.ts';

const settleMs = 60_000;
const answerMs = 10_000;
const leaveGroupKey = 13;
/** Done, or the broker had let go of the member itself. */
const leftCodes = [0, 25];

/** `<topic>/<partition>` to the id of the member that holds it. */
export type Owners = ReadonlyMap<string, string>;

export interface ConsumerGroup {
  /** Until the group is at rest with so many members, every one with partitions, and `partitions` in all. */
  whenShared(members: number, partitions: number): Promise<Owners>;
  /**
   * The broker keeps the place of a member that died for its session, six seconds at least; this frees it at once, as
   * `removeMembersFromConsumerGroup` of Kafka's own admin client does.
   */
  removeMembers(): Promise<void>;
  /** Until all that a topic holds now was handled. */
  whenAtEnd(topic: string, limitMs?: number): Promise<void>;
  /** Everything of the topic comes again to the service with this database, as soon as the group has members; it must have none now. */
  rewind(topic: string, db: Db): Promise<void>;
  close(): Promise<void>;
}

export async function openConsumerGroup(brokers: string, groupId: string): Promise<ConsumerGroup> {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const describe = async () => {
    const { groups } = await admin.describeGroups([groupId]);
    const [group] = groups;
    if (group === undefined) throw new Error(`the broker says nothing of the group ${groupId}`);
    return group;
  };
  async function behind(topic: string): Promise<string[]> {
    const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const handled = new Map(group?.partitions.map(({ partition, offset }) => [partition, offset]));
    const ends = await admin.fetchTopicOffsets(topic);
    return ends
      .filter(({ partition, low, high }) => low !== high && handled.get(partition) !== high)
      .map(({ partition, high }) => `${topic}/${partition} is handled to ${handled.get(partition)} of ${high}`);
  }

  return {
    async whenAtEnd(topic, limitMs = settleMs) {
      await waitUntil(`${groupId} at the end of ${topic}`, limitMs, async () => (await behind(topic))[0]);
    },
    async rewind(topic, db) {
      await admin.resetOffsets({ groupId, topic, earliest: true });
      if ((await behind(topic)).length === 0)
        throw new Error(`${groupId} was not set back: ${topic} is handled to its end`);
      const own = mongoOwnOffsets(db.collection<OffsetsDocument>('Offsets'));
      const offsets = (await own.of(topic)) ?? new Map();
      await own.set(topic, new Map([...offsets.keys()].map((partition) => [partition, 0n])));
    },
    async whenShared(members, partitions) {
      let owners = new Map<string, string>();
      await waitUntil(`${groupId} shared by ${members}`, settleMs, async () => {
        const group = await describe();
        const held = group.members.map(({ memberId, memberAssignment }) => {
          return { memberId, places: placesIn(memberAssignment) };
        });
        owners = new Map(held.flatMap(({ memberId, places }) => places.map((place) => [place, memberId])));
        const shown = `it is ${group.state} with ${held.map(({ places }) => places.length).join(' and ')} partitions`;
        const idle = held.some(({ places }) => places.length === 0);
        const settled = group.state === 'Stable' && held.length === members && !idle && owners.size === partitions;
        return settled ? undefined : shown;
      });
      return owners;
    },
    async removeMembers() {
      for (const { memberId } of (await describe()).members) await leaveGroup(brokers, groupId, memberId);
    },
    close: () => admin.disconnect(),
  };
}

/** How many partitions another member holds now. */
export function movedBetween(before: Owners, after: Owners): number {
  return [...after].filter(([place, owner]) => before.get(place) !== owner).length;
}

function placesIn(assignment: Buffer): string[] {
  const decoded = assignment.length > 0 ? AssignerProtocol.MemberAssignment.decode(assignment) : null;
  return Object.entries(decoded?.assignment ?? {}).flatMap(([topic, list]) => list.map((one) => `${topic}/${one}`));
}

/** Kafka's LeaveGroup request in its version 0, which kafkajs has for its own members only. */
async function leaveGroup(brokers: string, groupId: string, memberId: string): Promise<void> {
  const [host, port] = brokers.split(':');
  const correlationId = 1;
  const request = Buffer.concat([
    int16(leaveGroupKey),
    int16(0),
    int32(correlationId),
    ...['foldline-test', groupId, memberId].map(text),
  ]);
  const socket = connect({ host, port: Number(port), timeout: answerMs });
  try {
    socket.write(Buffer.concat([int32(request.length), request]));
    let answer = Buffer.alloc(0);
    socket.once('timeout', () => socket.destroy(new Error(`no answer to LeaveGroup within ${answerMs} ms`)));
    for await (const chunk of socket) {
      answer = Buffer.concat([answer, chunk as Buffer]);
      // Length, correlation id, error code.
      if (answer.length >= 10) break;
    }
    if (answer.length < 10) throw new Error(`LeaveGroup of ${memberId} was not answered`);
    const code = answer.readInt16BE(8);
    if (!leftCodes.includes(code)) throw new Error(`LeaveGroup of ${memberId} was answered with the error ${code}`);
  } finally {
    socket.destroy();
  }
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}
