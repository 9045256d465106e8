// What a Kafka message says. Total: whatever its bytes are, it becomes an item or a record, and what cannot be read says why. A function of
// the consumer reads messages that others write, and one for CloudEvents in both modes is here; a wrong answer of such a function ends no
// consumer.
// CloudEvents: https://github.com/cloudevents/spec, bindings/kafka-protocol-binding.md, with `version` as an extension attribute.
import { isUtf8 } from 'node:buffer';
import type { KafkaMessage } from 'kafkajs';
import {
  bounded,
  type EnvelopeReading,
  type FeedItem,
  type RecordedEvent,
  readEnvelope,
  type StoredEvent,
  shown,
  withoutLostText,
} from '../../engine/index.ts';
import type { SnapshotRecord } from '../../operations/ports.ts';
import { batchFaultOf } from './record-batch.ts';

type Reading = { readonly parsed: unknown; readonly isUtf8: boolean } | { readonly fault: string };

/** @param read for a topic of others; without it a message has Foldline's own envelope */
export function itemOf(topic: string, partition: number, message: KafkaMessage, read?: ReadMessage): FeedItem {
  const { offset, timestamp, value } = message;
  const position = `${topic}/${partition}@${offset}`;
  const place = { source: topic, position, storedAt: new Date(Number(timestamp)) };
  const reading = read ? mappedReading(read, { topic, partition }, message) : eventIn(value);
  if ('event' in reading) return { ...place, event: reading.event };
  return 'fault' in reading ? { ...place, unreadable: reading.fault } : { ...place, passedOver: true };
}

/**
 * @param read for a topic of events that others write: the record has the event as its value
 * @returns undefined where `read` passes the message over
 */
export function recordOf(
  topic: string,
  partition: number,
  message: KafkaMessage,
  read?: ReadMessage,
): SnapshotRecord | undefined {
  if (read) return mappedRecord(itemOf(topic, partition, message, read));
  const { offset, key, value } = message;
  const record = { position: `${topic}/${partition}@${offset}`, subject: key?.toString('utf8') ?? '' };
  if (value === null) return { ...record, value: null };
  const reading = jsonIn(value);
  if ('fault' in reading) return { ...record, value: undefined, unreadable: reading.fault };
  return reading.isUtf8
    ? { ...record, value: reading.parsed }
    : { ...record, value: undefined, unreadable: 'the value is no UTF-8' };
}

function mappedRecord(item: FeedItem): SnapshotRecord | undefined {
  const { position } = item;
  if ('passedOver' in item) return undefined;
  if ('event' in item) return { position, subject: item.event.subject, value: item.event };
  return { position, subject: '', value: undefined, unreadable: item.unreadable };
}

function eventIn(value: Buffer | null): EnvelopeReading {
  if (value === null) return { fault: 'the value is null' };
  const json = jsonIn(value);
  if ('fault' in json) return json;
  const reading = readEnvelope(json.parsed);
  if (json.isUtf8) return reading;
  // The owner may have the event whole: a fold refuses replacement characters, so that the subject is held and can be retried.
  const isHeldByFold = 'event' in reading && JSON.stringify(reading.event).includes('\ufffd');
  return isHeldByFold ? reading : { fault: 'the value is no UTF-8' };
}

/** Bytes that are no UTF-8 are read with replacement characters in their place. */
function jsonIn(value: Buffer): Reading {
  const batchFault = batchFaultOf(value);
  if (batchFault !== undefined) return { fault: batchFault };
  const isText = isUtf8(value);
  try {
    return { parsed: JSON.parse(value.toString('utf8')), isUtf8: isText };
  } catch {
    return { fault: isText ? 'the value is no JSON' : 'the value is no UTF-8' };
  }
}

const prefix = 'ce_';
const jsonType = /^application\/(?:[a-z0-9.-]+\+)?json\s*(?:;|$)/i;

/** Structured mode: the value is the event. Binary mode: the attributes are headers such as `ce_type`, and the value is `data`. */
export const readCloudEvent: ReadMessage = (message) => {
  const contentType = headerTextOf(message, 'content-type') ?? 'application/json';
  const names = Object.keys(message.headers).filter((name) => name.startsWith(prefix));
  const isStructured = names.length === 0 || /^application\/cloudevents/i.test(contentType);
  // The caller checks the envelope.
  if (isStructured) return { event: jsonOf(message) as MappedEvent };
  if (!jsonType.test(contentType)) return { fault: 'content-type is not that of JSON, which data must be' };
  const attributes = names.map((name) => [name.slice(prefix.length), headerTextOf(message, name)]);
  const { version, ...others } = Object.fromEntries(attributes) as Readonly<Record<string, string>>;
  // A header has no numbers. Another text than an integer stays as it is, and is a fault of the envelope.
  const place = /^[1-9]\d{0,15}$/.test(version ?? '') ? Number(version) : version;
  return { event: { ...others, version: place, data: jsonOf(message) } as unknown as MappedEvent };
};

/** One message as the broker has it. Nothing in the message was checked. */
export interface TopicMessage {
  readonly topic: string;
  readonly partition: number;
  /** The offset orders no events: see law 9. */
  readonly offset: string;
  /** The time of the message by the clock of its producer or of its broker, as the topic is set. */
  readonly timestamp: Date;
  readonly key: Buffer | null;
  /** Headers by name; of a header that the message has several times, the last one. */
  readonly headers: Readonly<Record<string, Buffer>>;
  readonly value: Buffer | null;
}

/** An event in Foldline's envelope. `time` may be a text of RFC 3339, with at most milliseconds that count. */
export type MappedEvent = Omit<RecordedEvent, 'time' | 'unreadable'> & { readonly time: Date | string };

/** Exactly one of three answers. */
export type MessageReading =
  | { readonly event: MappedEvent }
  /** Why no event can be read, in one sentence that shows no personal data: the place of the message is held with the sentence. */
  | { readonly fault: string }
  /** The message says nothing to this consumer: the consumer counts the message, and goes on. */
  | { readonly passedOver: true };

/**
 * Answers from the message alone, at once, and always alike: a message is read again after a crash, in a resync and in a rebuild.
 * What it throws is a fault with the error's message.
 */
export type ReadMessage = (message: TopicMessage) => MessageReading;

/** One function for all topics, or one for each topic by its name; a topic without a function has Foldline's own envelope. */
export type ReadMessages = ReadMessage | Readonly<Record<string, ReadMessage>>;

/** @throws Error when `read` names a topic that is not followed */
export function readerOf(
  read: ReadMessages | undefined,
  topics: readonly string[],
): (topic: string) => ReadMessage | undefined {
  if (read === undefined || typeof read === 'function') return () => read;
  const unknown = Object.keys(read).find((topic) => !topics.includes(topic));
  if (unknown !== undefined)
    throw new Error(`read names the topic ${unknown}, which is not followed. Followed are: ${topics.join(', ')}.`);
  return (topic) => (Object.hasOwn(read, topic) ? read[topic] : undefined);
}

export type MappedReading =
  | { readonly event: StoredEvent }
  | { readonly fault: string }
  | { readonly passedOver: true };

/** What `read` makes of a message, checked as strictly as the envelope of a message of Foldline. Total. */
export function mappedReading(
  read: ReadMessage,
  { topic, partition }: Pick<TopicMessage, 'topic' | 'partition'>,
  { offset, timestamp, key, headers, value }: KafkaMessage,
): MappedReading {
  const batchFault = batchFaultOf(value);
  if (batchFault !== undefined) return { fault: batchFault };
  try {
    const message = { topic, partition, offset, timestamp: new Date(Number(timestamp)), key, value };
    return checked(topic, read({ ...message, headers: lastHeaders(headers) }));
  } catch (error) {
    return { fault: reasonOf(error) };
  }
}

const wanted = 'expected { event }, { fault } or { passedOver: true }';

function checked(topic: string, answer: unknown): MappedReading {
  const wrong = (found: string) => ({ fault: `the function that reads ${topic} answered with ${found}, ${wanted}` });
  if (!isObject(answer)) return wrong(answer === null ? 'null' : typeof answer);
  const { event, fault, passedOver, then } = answer as Readonly<Record<string, unknown>>;
  if (typeof then === 'function') {
    // Nobody else waits for the promise: without this line its failure would end the process.
    Promise.resolve(answer).catch(() => undefined);
    return wrong('a promise');
  }
  const names = Object.keys(answer);
  if (names.length !== 1) return wrong(`an object with ${names.length} members`);
  if (passedOver === true) return { passedOver };
  if (typeof fault === 'string') return { fault: bounded(withoutLostText(fault)) };
  // The event is taken as a topic would carry it: what is no JSON is refused, and nobody changes the event later.
  if (isObject(event)) return readEnvelope(JSON.parse(JSON.stringify(event)));
  return wrong(`an object with the member ${shown(names[0])}`);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The message of a SyntaxError repeats the text that could not be parsed, which may be personal. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'the message could not be parsed: SyntaxError';
  return bounded(withoutLostText(error instanceof Error ? error.message : shown(error)));
}

function lastHeaders(headers: KafkaMessage['headers'] = {}): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, values]) => {
      const last = Array.isArray(values) ? values.at(-1) : values;
      return last === undefined || last === null ? [] : [[name, Buffer.from(last)]];
    }),
  );
}

/** The value of a message as JSON. @throws Error that says what the value is, and repeats nothing of it */
export function jsonOf({ value }: Pick<TopicMessage, 'value'>): unknown {
  if (value === null) throw new Error('the value is null');
  if (!isUtf8(value)) throw new Error('the value is no UTF-8');
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    throw new Error('the value is no JSON');
  }
}

/** The text of a header; undefined when the message does not have the header. @throws Error when the header is no UTF-8 */
export function headerTextOf({ headers }: Pick<TopicMessage, 'headers'>, name: string): string | undefined {
  const header = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (header !== undefined && !isUtf8(header)) throw new Error(`the header ${name} is no UTF-8`);
  return header?.toString('utf8');
}
