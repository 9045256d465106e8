// The settings of every example's processes.
import { baseSettings, followingSettings, integerSetting, portSetting, sagaSettings } from 'foldline';
import { z } from 'zod';

const PORT = portSetting(0, 'the port to listen on');
const database = (name: string, what: string) => z.string().default(name).describe(`the database of ${what}`);

/** Of groups, and of channels. */
export const titledSettings = {
  ...baseSettings,
  PORT,
  GROUPS_DATABASE: database('groups', 'the groups of channel-groups'),
  CHANNELS_DATABASE: database('channels', 'the channels of channel-groups'),
} as const;

export const referenceSettings = {
  ...baseSettings,
  PORT,
  ...followingSettings,
  ...sagaSettings,
  CHANNEL_GROUPS_DATABASE: database('channel_groups', 'the references of channel-groups'),
  CONVERSATION_TIME_LIMIT_MS: integerSetting(
    60_000,
    1,
    86_400_000,
    'how long a conversation of channel-groups may stay incomplete before it is given up',
  ),
} as const;

export const festivalSettings = {
  ...baseSettings,
  PORT,
  ...followingSettings,
  ...sagaSettings,
  FESTIVAL_DATABASE: database('festival', 'the festival'),
} as const;

/** All of them, for the reference page. */
export const exampleSettings = { ...titledSettings, ...referenceSettings, ...festivalSettings } as const;
