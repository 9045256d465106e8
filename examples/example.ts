// What an example is: connectors, services, and what to try once they run.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { kafkaLogin, type ServiceSpec, type Stack, type Example as Trial } from '@foldline/system';

export interface Example {
  readonly name: string;
  readonly says: string;
  /** A folder of connector files. */
  readonly connectors: string;
  readonly services: readonly ServiceSpec[];
  /** @param url of a service by its name */
  trials(url: (service: string) => string): readonly Trial[];
}

// Services run compiled, from `dist/`; connectors are not compiled and lie beside the sources.
const root = dirname(createRequire(import.meta.url).resolve('@foldline/examples/package.json'));

/** The services of an example: one built entry that is told by its argument which of them to be. @param checks of their settings, by name */
export function exampleServices(
  example: string,
  checks: Readonly<Record<string, NonNullable<ServiceSpec['check']>>>,
): ServiceSpec[] {
  const script = join(root, 'dist', example, 'src', 'server.js');
  const secrets = ['API_TOKENS', ...kafkaLogin] as const;
  return Object.entries(checks).map(([name, check]) => ({
    name,
    script,
    args: [name],
    portVariable: 'PORT',
    port: 0,
    secrets,
    check,
  }));
}

export function connectorsOf(example: string): string {
  return join(root, example, 'connectors');
}

export function urlsOf({ services }: Pick<Stack, 'services'>): (service: string) => string {
  return (name) => services.get(name)?.url ?? '';
}
