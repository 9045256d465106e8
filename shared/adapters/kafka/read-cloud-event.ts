// Reads CloudEvents in both modes of their Kafka binding (https://github.com/cloudevents/spec, bindings/kafka-protocol-binding.md).
// Promises nothing about versions: the producer has to send `version` as an extension attribute, and a UUID in `subject`.
import { headerTextOf, jsonOf, type MappedEvent, type ReadMessage } from './read-message.ts';

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
