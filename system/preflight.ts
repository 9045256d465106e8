// What can be known before any server is started: whether each service may have its port, and whether its settings are valid. A fault
// that is told after the servers have started costs a person their start each time.
import { reasonOf } from 'foldline/engine';
import { SystemFailure } from './failure.ts';
import { isPortFree } from './processes/ports.ts';

export interface CheckedService {
  readonly name: string;
  /** 0: any free one. */
  readonly port: number;
  /** @throws Error naming each setting that is not valid */
  readonly check?: ((env: Readonly<Record<string, string | undefined>>) => void) | undefined;
}

/** @param envOf what a service will be told, as far as it is known by now @throws SystemFailure with all faults at once */
export async function assertStartable<S extends CheckedService>(
  services: readonly S[],
  envOf: (service: S) => Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const faults: string[] = [];
  for (const service of services) {
    const { name, port } = service;
    const other = services.find((one) => one !== service && one.port === port);
    if (port !== 0 && other && services.indexOf(other) < services.indexOf(service))
      faults.push(`port ${port} is meant for ${other.name} and for ${name}: give each its own`);
    else if (port !== 0 && !(await isPortFree(port)))
      faults.push(`port ${port} for ${name} is taken: end what listens there, or choose another port`);
    try {
      service.check?.(envOf(service));
    } catch (error) {
      faults.push(reasonOf(error));
    }
  }
  // What the services have in common is said once.
  if (faults.length > 0) throw new SystemFailure([...new Set(faults)].join('\n'));
}
