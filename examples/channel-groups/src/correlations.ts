// What belongs together: declared by the types of the facts, for services that do not know each other.
import { type Correlation, type Fact, idOf } from 'foldline/engine';
import { v5 } from 'uuid';

/** Of the conversation and of the reference that comes of it. */
export const idFor = (correlationid: string) => v5(correlationid, v5.URL);
const id = (fact: Fact | undefined) => idOf(fact?.subject ?? '');

// #region correlation
/** Whoever asked for a group with its channel sent one Correlation-Id with both commands. */
export const channelGroupReference = (timeLimitMs: number): Correlation => ({
  name: 'channel-group-reference',
  stem: 'channelGroupReference',
  source: '/references',
  facts: {
    group: { filledBy: 'groupCreated_v1', lostBy: 'groupRemoved_v1' },
    channel: { filledBy: 'channelCreated_v1', lostBy: 'channelRemoved_v1' },
  },
  created: ({ group, channel }) => ({
    type: 'channelGroupReferenceCreated_v1',
    data: { groupId: id(group), channelId: id(channel) },
  }),
  removed: { type: 'channelGroupReferenceRemoved_v1', data: {} },
  timeLimitMs,
  idFor,
});
// #endregion

// #region chain
/** A longer chain: the same, and somebody joined both, as whoever sends one id with all four commands says. */
export const memberOfBoth = (timeLimitMs: number): Correlation => ({
  name: 'group-channel-member',
  stem: 'groupChannelMember',
  source: '/references',
  timeLimitMs,
  idFor,
  facts: {
    group: { filledBy: 'groupCreated_v1' },
    channel: { filledBy: 'channelCreated_v1' },
    inGroup: { filledBy: 'memberJoinedGroup_v1', keeps: ['memberId'] },
    inChannel: { filledBy: 'memberJoinedChannel_v1' },
  },
  created: ({ group, channel, inGroup }) => ({
    type: 'memberJoinedGroupChannel_v1',
    data: { groupId: id(group), channelId: id(channel), memberId: inGroup?.data.memberId },
  }),
});
// #endregion
