// What an example is: connectors, services, and what to try once they run.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceSpec, Stack, Example as Trial } from '@foldline/connect/runtime';

export interface Example {
  readonly name: string;
  readonly says: string;
  /** A folder of connector files. */
  readonly connectors: string;
  readonly services: readonly ServiceSpec[];
  /** @param url of a service by its name */
  trials(url: (service: string) => string): readonly Trial[];
}

// Compiled, this file lies in `dist/`; connectors are not compiled and lie beside the sources.
const compiled = dirname(fileURLToPath(import.meta.url));
const root = dirname(compiled);

/** The services of an example: one built entry that is told by its argument which of them to be. */
export function exampleServices(example: string, names: readonly string[]): ServiceSpec[] {
  const script = join(compiled, example, 'src', 'server.js');
  return names.map((name) => ({ name, script, args: [name], portVariable: 'PORT', port: 0 }));
}

export function connectorsOf(example: string): string {
  return join(root, example, 'connectors');
}

export function urlsOf({ services }: Pick<Stack, 'services'>): (service: string) => string {
  return (name) => services.get(name)?.url ?? '';
}
