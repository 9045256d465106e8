// The HTTP edge of a declared service, with the routes that every service has.
import { unavailability } from '../adapters/mongodb/index.ts';
import {
  addContractRoutes,
  type ContractDocuments,
  createHttpApp,
  edgeOf,
  type HttpApp,
  type HttpAppOptions,
} from '../http/index.ts';
import {
  addHeldRoutes,
  addModelRoutes,
  addProjectionRoutes,
  addVerificationRoutes,
  type Mender,
  menderUnderLever,
  type Rebuilds,
  type RunningProjection,
  type Verifier,
} from '../operations/index.ts';
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

export async function createServiceApp(
  parts: Parts,
  { name, description }: Pick<ServiceDeclaration, 'name' | 'description'>,
  work: AppWork,
): Promise<HttpApp> {
  const { config, logger, metrics, lever, held } = parts;
  const app = await createHttpApp({
    title: `Foldline ${name}`,
    version: '0.1.0',
    description,
    ...edgeOf(config),
    logger,
    metrics,
    knownFailure: unavailability,
    readiness: work.readiness,
    examples: work.examples,
  });
  app.addHook('preHandler', async ({ routeOptions: { config: route } }) => {
    if (route.policy === 'read' || route.policy === 'write') await work.whenFresh();
  });
  if (work.contracts) addContractRoutes(app, work.contracts);
  addHeldRoutes(app, menderUnderLever(work.mender, lever));
  addVerificationRoutes(app, work.verifier);
  addProjectionRoutes(app, [work.status]);
  addModelRoutes(app, work.rebuilds);
  addOriginRoutes(app, { held }, work.owned);
  return app;
}
