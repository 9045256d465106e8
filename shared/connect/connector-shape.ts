// The shape of a connector file before any rule looks at the file: its keys, and the kinds of their values.
import { z } from 'zod';

/**
 * What the records are, as the file declares it. `events`: inserts, each one event, all of them kept for ever. `snapshots`: documents
 * that change, of which a topic keeps the newest of each subject. Nothing else in a file says which of the two is meant.
 */
export type Carries = 'events' | 'snapshots';

const configValues = z.record(
  z.string(),
  z.string(
    'must be a text in double quotes: Connect keeps every value as text, and another type would always look changed',
  ),
);

const carriesValues: readonly [Carries, Carries] = ['events', 'snapshots'];

const connectorName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and "-", up to 63');

export const shape = z.strictObject({
  name: connectorName,
  carries: z.enum(carriesValues, 'must be "events" or "snapshots"'),
  topic: z.strictObject({
    name: z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'is no name that Kafka takes'),
    partitions: z.int().min(1).max(1000),
    config: configValues,
  }),
  config: configValues,
});

export type ConnectorShape = z.infer<typeof shape>;

/** Of a connector whose class the rules do not know. */
export const plainShape = z.strictObject({ name: connectorName, config: configValues });
