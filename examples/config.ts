// The settings of every example's processes; the only place of the examples that reads the environment.
import { portSetting, readSettings } from '@foldline/shared/config';
import { serviceSettings } from '@foldline/shared/service';

export const exampleSettings = { ...serviceSettings, PORT: portSetting(0, 'the port to listen on') } as const;

/** @throws SettingsFault naming every faulty variable */
export const readConfig = (env: Readonly<Record<string, string | undefined>> = process.env) =>
  readSettings(exampleSettings, env);
