// The topics as an AsyncAPI 3 document, made from the table of contracts: channels with their key, partitions and policy, the
// messages in them, and that the system sends them.
import type { ContractTable, TopicConfig } from './contract-table.ts';
import { exampleOf, type JsonSchema, jsonSchemaOf, subjectSchema, wireSchemas } from './json-schemas.ts';

const kafka = '0.5.0';

interface Channel {
  readonly name: string;
  readonly description: string;
  readonly types: readonly string[];
  readonly settings: TopicConfig;
}

function channelsOf({ events, snapshots }: ContractTable): Channel[] {
  const ofEvents = Object.entries(events.topics).map(([name, { description, kinds }]) => ({
    name,
    description,
    types: kinds.flatMap(({ contracts }) => Object.keys(contracts)),
    settings: events.settings,
  }));
  const ofSnapshots = snapshots.topics.map(({ name, description, type }) => ({
    name,
    description,
    types: [type],
    settings: snapshots.settings,
  }));
  return [...ofEvents, ...ofSnapshots];
}

/** The whole document. */
export function asyncApiDocument(table: ContractTable): object {
  const channels = channelsOf(table);
  return {
    asyncapi: '3.0.0',
    info: { title: table.title, version: table.release, description: table.description },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(channels.map((channel) => [channel.name, channelOf(channel, table.partitions)])),
    operations: Object.fromEntries(channels.map(({ name }) => [`send-${name}`, operationOf(name)])),
    components: { messages: messagesOf(table) },
  };
}

function channelOf({ name, description, types, settings }: Channel, partitions: number): object {
  return {
    address: name,
    description,
    messages: Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }])),
    bindings: { kafka: { topic: name, partitions, topicConfiguration: settings, bindingVersion: kafka } },
  };
}

const operationOf = (name: string) => ({ action: 'send', channel: { $ref: `#/channels/${name}` } });

function messagesOf(table: ContractTable): object {
  const kinds = Object.values(table.events.topics).flatMap((topic) => topic.kinds);
  const eventKindOf = (type: string) => kinds.find(({ contracts }) => Object.hasOwn(contracts, type))?.kind;
  const snapshotKindOf = (type: string) => table.snapshots.topics.find((one) => one.type === type)?.kind;
  return Object.fromEntries(
    Object.entries(wireSchemas(table)).map(([type, schema]) => {
      const eventKind = eventKindOf(type);
      const { $schema: _, ...key } = jsonSchemaOf(subjectSchema(eventKind ?? snapshotKindOf(type) ?? ''));
      return [type, messageOf(type, schema, key, eventKind === undefined)];
    }),
  );
}

/** A snapshot is no CloudEvent. */
function messageOf(name: string, schema: JsonSchema, key: object, isSnapshot: boolean): object {
  const { $schema: _, ...payload } = schema;
  return {
    name,
    title: name,
    summary: schema.description,
    payload,
    ...(isSnapshot && { contentType: 'application/json' }),
    bindings: { kafka: { key, bindingVersion: kafka } },
    examples: [{ payload: exampleOf(schema) }],
  };
}
