// The HTTP edge of a declared service, with the routes that every service has.
import { unavailability } from '../adapters/mongodb/index.ts';
import {
  type Mender,
  menderUnderLever,
  type Rebuilds,
  type RunningProjection,
  type Verifier,
} from '../engine/index.ts';
import {
  addContractRoutes,
  addHeldRoutes,
  addModelRoutes,
  addProjectionRoutes,
  addVerificationRoutes,
  type ContractDocuments,
  edgeOf,
  type HttpApp,
  type HttpAppOptions,
} from '../http/index.ts';
import type { ServiceDeclaration } from './declaration.ts';
import { addOriginRoutes, type OwnedKind } from './origins/routes.ts';
import type { Parts } from './parts.ts';

export interface AppWork {
  readonly readiness: HttpAppOptions['readiness'];
  readonly mender: Mender;
  readonly verifier: Verifier;
  readonly status: RunningProjection;
  readonly rebuilds: Rebuilds;
  readonly owned: readonly OwnedKind[];
  /** Resolves once this process may rely on what it knows of the generations. */
  readonly whenFresh: () => Promise<void>;
  readonly contracts: ContractDocuments | undefined;
  readonly examples: HttpAppOptions['examples'];
}

/** What the edge of the service is made of, in an app of its own or in an app of others. */
export function edgeOptionsOf(
  { config, logger, metrics }: Parts,
  { name, description }: Pick<ServiceDeclaration, 'name' | 'description'>,
  { readiness, examples }: AppWork,
): HttpAppOptions {
  return {
    title: `Foldline ${name}`,
    version: '0.1.0',
    description,
    ...edgeOf(config),
    logger,
    metrics,
    knownFailure: unavailability,
    readiness,
    examples,
  };
}

export function addServiceRoutes(app: HttpApp, { lever, held }: Parts, work: AppWork): void {
  app.addHook('preHandler', async ({ routeOptions: { config: route } }) => {
    if (route.policy === 'read' || route.policy === 'write') await work.whenFresh();
  });
  if (work.contracts) addContractRoutes(app, work.contracts);
  addHeldRoutes(app, menderUnderLever(work.mender, lever));
  addVerificationRoutes(app, work.verifier);
  addProjectionRoutes(app, [work.status]);
  addModelRoutes(app, work.rebuilds);
  addOriginRoutes(app, { held }, work.owned);
}
