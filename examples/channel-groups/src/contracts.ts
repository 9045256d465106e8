// What the three services say. Groups know nothing of channels, and channels nothing of groups.
import { defineContracts } from 'foldline/contracts';
import { z } from 'zod';

const titled = { schema: z.object({ title: z.string() }) };
const member = { schema: z.object({ memberId: z.uuid() }) };
const nothing = { schema: z.object({}) };
const both = { groupId: z.uuid(), channelId: z.uuid() };

export const groupContracts = defineContracts({
  groupCreated_v1: titled,
  groupRenamed_v1: titled,
  memberJoinedGroup_v1: member,
  groupRemoved_v1: nothing,
});

export const channelContracts = defineContracts({
  channelCreated_v1: titled,
  channelRenamed_v1: titled,
  memberJoinedChannel_v1: member,
  channelRemoved_v1: nothing,
});

export const referenceContracts = defineContracts({
  channelGroupReferenceCreated_v1: { schema: z.object(both) },
  channelGroupReferenceRemoved_v1: nothing,
  memberJoinedGroupChannel_v1: { schema: z.object({ ...both, memberId: z.uuid() }) },
});
