// Writes docs/configuration.md: `npm run docs`, after a setting was added or changed.
import { writeFile } from 'node:fs/promises';
import type { SettingsTable } from 'foldline/config';
import { configurationPage } from './configuration-page.ts';

// Seen from test/dist/rules, where the compiled file lies.
const root = new URL('../../../', import.meta.url);

async function tableIn(file: string, name: string): Promise<SettingsTable> {
  const module: Record<string, SettingsTable> = await import(new URL(file, root).href);
  const table = module[name];
  if (!table) throw new Error(`${file} does not export ${name}: correct the name here.`);
  return table;
}

await writeFile(
  new URL('docs/configuration.md', root),
  configurationPage(
    [
      { service: 'user-service', table: await tableIn('user-service/dist/src/config.js', 'userServiceSettings') },
      {
        service: 'shopping-service',
        table: await tableIn('shopping-service/dist/src/config.js', 'shoppingServiceSettings'),
      },
      { service: 'The examples', table: await tableIn('examples/dist/config.js', 'exampleSettings') },
    ],
    await tableIn('user-service/dist/operator/config.js', 'importSettings'),
  ),
);
