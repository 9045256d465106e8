// The settings of every example's processes; the only place of the examples that reads the environment.
import { integerSetting, portSetting, readSettings, type Settings, serviceSettings } from 'foldline';

export const exampleSettings = {
  ...serviceSettings,
  PORT: portSetting(0, 'the port to listen on'),
  CONVERSATION_TIME_LIMIT_MS: integerSetting(
    60_000,
    1,
    86_400_000,
    'how long a conversation of channel-groups may stay incomplete before it is given up',
  ),
} as const;

export type ExampleConfig = Settings<typeof exampleSettings>;

/** @throws SettingsFault naming every faulty variable */
export const readConfig = (env: Readonly<Record<string, string | undefined>> = process.env) =>
  readSettings(exampleSettings, env);
