// The settings tables of both services, of the import and of the examples, loaded from their sources, for the tests.
import type { SettingsTable } from 'foldline/config';
import type { ServiceSettings } from './configuration-page.ts';

// By path and not by import: a relative import of another workspace would not lead to its compiled files.
export function settingsTables(): ServiceSettings[] {
  const { userServiceSettings } = jest.requireActual<Record<string, SettingsTable>>('../../user-service/src/config.ts');
  const { shoppingServiceSettings } = jest.requireActual<Record<string, SettingsTable>>(
    '../../shopping-service/src/config.ts',
  );
  const { exampleSettings } = jest.requireActual<Record<string, SettingsTable>>('../../examples/config.ts');
  return [
    { service: 'user-service', table: userServiceSettings ?? {} },
    { service: 'shopping-service', table: shoppingServiceSettings ?? {} },
    { service: 'The examples', table: exampleSettings ?? {} },
  ];
}

export function importTable(): SettingsTable {
  const { importSettings } = jest.requireActual<Record<string, SettingsTable>>('../../user-service/operator/config.ts');
  return importSettings ?? {};
}

/** The names of the settings whose value is a number. */
export function integerSettingNames(table: SettingsTable): string[] {
  return Object.entries(table).flatMap(([name, type]) =>
    typeof type.safeParse(undefined).data === 'number' ? [name] : [],
  );
}
