// What the festival says. A festival's event is a `TeamEvent`; a fact is an event of the store.
import { defineContracts, extensionFields, type LatestEvent, sagaContracts } from 'foldline/contracts';
import { z } from 'zod';

const nothing = { schema: z.object({}) };
const id = z.uuid();

export const teamEventContracts = defineContracts({
  teamEventCreated_v1: { schema: z.object({ title: z.string() }) },
  teamEventDeleted_v1: nothing,
});

export const teamContracts = defineContracts({
  teamCreated_v1: { schema: z.object({ name: z.string(), teamEventId: id }) },
  teamRenamed_v1: { schema: z.object({ name: z.string() }) },
  teamMoved_v1: { schema: z.object({ teamEventId: id }) },
  teamDeleted_v1: nothing,
});

const removalFacts = defineContracts({
  teamEventRemovalStarted_v1: { schema: z.object({ correlationid: z.string(), ...extensionFields }) },
  teamEventRemovalPlanned_v1: { schema: z.object({ teamIds: z.array(id) }) },
  teamEventRemovalTeamsDeleted_v1: { schema: z.object({ count: z.int().nonnegative() }) },
  /** `count`: of all teams that the removal deleted, also before it was resumed. */
  teamEventRemovalCompleted_v1: { schema: z.object({ count: z.int().nonnegative() }) },
});
export const removalContracts = { ...sagaContracts('teamEventRemoval'), ...removalFacts };

export type TeamEventFact = LatestEvent<typeof teamEventContracts>;
export type TeamFact = LatestEvent<typeof teamContracts>;
export type RemovalFact = LatestEvent<typeof removalFacts>;
