// Settings come from environment variables, are read once at the start, and every fault is named at once.
// The table that parses them is also the source of the reference page.
import { z } from 'zod';
import { CommandFailure } from '../terminal/index.ts';
import { shownSetting } from './http-url.ts';

export type SettingsTable = Readonly<Record<string, z.ZodType>>;
export type Settings<T extends SettingsTable> = { readonly [K in keyof T]: z.output<T[K]> };

/** A fault in the environment; the message names each variable, what is wrong with it, and what it means. */
export class SettingsFault extends CommandFailure<'config-invalid'> {
  override readonly name = 'SettingsFault';

  constructor(message: string, options?: { cause?: unknown }) {
    super('config-invalid', message, options);
  }
}

/** An empty variable counts as not set. @throws SettingsFault naming every faulty variable. */
export function readSettings<T extends SettingsTable>(
  table: T,
  env: Readonly<Record<string, string | undefined>>,
): Settings<T> {
  const given = Object.fromEntries(Object.keys(table).map((name) => [name, env[name] === '' ? undefined : env[name]]));
  const read = z.object(table as Record<string, z.ZodType>).safeParse(given);
  if (read.success) return read.data as Settings<T>;
  const faults = read.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    const value = given[name] === undefined ? 'not set' : secret(name) ? 'set' : shownSetting(given[name]);
    return `  ${name} (${value}): ${message}. It is ${table[name]?.description ?? 'a setting'}.`;
  });
  throw new SettingsFault(`The environment is not valid:\n${faults.join('\n')}`);
}

/** The reference of a settings table as a Markdown table. */
export function settingsReference(table: SettingsTable): string {
  const rows = Object.entries(table).map(([name, type]) => {
    const fallback = type.safeParse(undefined);
    const shown = fallback.success
      ? fallback.data === undefined
        ? 'not set'
        : `\`${String(fallback.data)}\``
      : '**required**';
    return `| \`${name}\` | ${shown} | ${(type.description ?? '').replaceAll('|', '\\|')} |`;
  });
  return ['| variable | default | what |', '|---|---|---|', ...rows].join('\n');
}

function secret(name: string): boolean {
  return /TOKEN|URI|SECRET|PASSWORD/.test(name);
}
