// The topics as an AsyncAPI 3 document, made from the registry of contracts: channels with their key, partitions and policy, the
// messages in them, and that Foldline sends them.
import { exampleOf, type JsonSchema, jsonSchemaOf, snapshotType, subjectSchema, wireSchemas } from './json-schemas.ts';
import { contractsRelease, eventTopics, snapshotTopic, topicSettings } from './topics.ts';

const kafka = '0.5.0';

const description = `Events and snapshots that Foldline publishes by Kafka Connect.

The key of a record is its subject, so one subject stays in one partition, in order. A record may come twice, and
older ones again: compare \`version\` with what is there. Pass over members that you do not know.`;

interface Channel {
  readonly name: string;
  readonly description: string;
  readonly types: readonly string[];
  readonly settings: object;
}

function channels(): Channel[] {
  const events = Object.entries(eventTopics).map(([name, { description, kinds }]) => ({
    ...{ name, description, settings: topicSettings.events },
    types: kinds.flatMap(({ contracts }) => Object.keys(contracts)),
  }));
  const { name, description } = snapshotTopic;
  return [...events, { name, description, types: [snapshotType], settings: topicSettings.snapshots }];
}

/** The whole document. */
export function asyncApiDocument(): object {
  const all = channels();
  return {
    asyncapi: '3.0.0',
    info: { title: 'Foldline events', version: contractsRelease, description },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(all.map((channel) => [channel.name, channelOf(channel)])),
    operations: Object.fromEntries(all.map(({ name }) => [`send-${name}`, operationOf(name)])),
    components: { messages: messages() },
  };
}

function channelOf({ name, description, types, settings }: Channel): object {
  return {
    ...{ address: name, description },
    messages: Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }])),
    bindings: {
      kafka: {
        ...{ topic: name, partitions: topicSettings.partitions, topicConfiguration: settings },
        bindingVersion: kafka,
      },
    },
  };
}

const operationOf = (name: string) => ({ action: 'send', channel: { $ref: `#/channels/${name}` } });

function messages(): object {
  const kinds = Object.values(eventTopics).flatMap((topic) => topic.kinds);
  const kindOf = (type: string) => kinds.find(({ contracts }) => Object.hasOwn(contracts, type))?.kind;
  return Object.fromEntries(
    Object.entries(wireSchemas()).map(([type, schema]) => [type, messageOf(type, schema, kindOf(type))]),
  );
}

function messageOf(name: string, schema: JsonSchema, kind: string | undefined): object {
  const { $schema: _dialect, ...payload } = schema;
  const { $schema: __, ...key } = jsonSchemaOf(subjectSchema(kind ?? snapshotTopic.kind));
  return {
    ...{ name, title: name, summary: schema.description, payload },
    ...(kind === undefined && { contentType: 'application/json' }),
    bindings: { kafka: { key, bindingVersion: kafka } },
    examples: [{ payload: exampleOf(schema) }],
  };
}

/** What others are told, once for a whole process. */
export const contractDocuments = { asyncApi: asyncApiDocument(), schemas: wireSchemas() };
