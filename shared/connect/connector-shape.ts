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

/** The states of the documents that travel as snapshots: a filter may name these, and then has to name all of them. */
const snapshotStates = z.array(z.string().min(1).max(100)).min(1).max(100);

const anyShape = z.strictObject({
  name: connectorName,
  carries: z.enum(carriesValues, 'must be "events" or "snapshots"'),
  states: snapshotStates.optional(),
  topic: z.strictObject({
    name: z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'is no name that Kafka takes'),
    partitions: z.int().min(1).max(1000),
    config: configValues,
  }),
  config: configValues,
});

export const shape = anyShape.refine(({ carries, states }) => carries === 'snapshots' || states === undefined, {
  path: ['states'],
  message: 'is for snapshots: events have no state',
});

export type ConnectorShape = z.infer<typeof shape>;

/** Of a connector whose class the rules do not know. */
export const plainShape = z.strictObject({ name: connectorName, config: configValues });
