// The settings tables of both services, of the import and of the examples, loaded from their sources, for the tests.
import type { SettingsTable } from 'foldline/config';
import type { ServiceSettings } from './configuration-page.ts';

export function settingsTables(): ServiceSettings[] {
  const { userServiceSettings } = userServiceTables();
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
  return userServiceTables().importSettings ?? {};
}

// By path and not by import: a relative import of another workspace would not lead to its compiled files.
function userServiceTables(): Record<string, SettingsTable> {
  return jest.requireActual('../../user-service/src/config.ts');
}

/** The names of the settings whose value is a number. */
export function integerSettingNames(table: SettingsTable): string[] {
  return Object.entries(table).flatMap(([name, type]) =>
    typeof type.safeParse(undefined).data === 'number' ? [name] : [],
  );
}
