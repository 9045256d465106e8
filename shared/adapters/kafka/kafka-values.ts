// What the value of a Kafka message says. Total: whatever its bytes are, a message becomes an item or a record, and what cannot be read
// says why.
import { isUtf8 } from 'node:buffer';
import type { KafkaMessage } from 'kafkajs';
import { type EnvelopeReading, type FeedItem, readEnvelope } from '../../engine/index.ts';
import type { SnapshotRecord } from '../../operations/ports.ts';
import { mappedReading, type ReadMessage } from './read-message.ts';
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
