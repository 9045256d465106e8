// Writes docs/configuration.md: `npm run docs`, after a setting was added or changed.
import { writeFile } from 'node:fs/promises';
import type { SettingsTable } from '@foldline/shared/config';
import { configurationPage } from './configuration-page.ts';

// Seen from test/dist/rules, where the compiled file lies.
const root = new URL('../../../', import.meta.url);

async function tableIn(service: string, name: string): Promise<SettingsTable> {
  const module: Record<string, SettingsTable> = await import(new URL(`${service}/dist/src/config.js`, root).href);
  const table = module[name];
  if (!table) throw new Error(`${service}/src/config.ts does not export ${name}: correct the name here.`);
  return table;
}

await writeFile(
  new URL('docs/configuration.md', root),
  configurationPage(
    [
      { service: 'user-service', table: await tableIn('user-service', 'userServiceSettings') },
      { service: 'shopping-service', table: await tableIn('shopping-service', 'shoppingServiceSettings') },
    ],
    await tableIn('user-service', 'importSettings'),
  ),
);
