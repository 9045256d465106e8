// The HTTP edge of a declared service, with the routes that every service has.
import { unavailability } from '../adapters/mongodb/index.ts';
import { addContractRoutes, type ContractDocuments, edgeOf, type HttpApp, type HttpAppOptions } from '../http/index.ts';
import {
  addHeldRoutes,
  addModelRoutes,
  addProjectionRoutes,
  addVerificationRoutes,
  type Rebuilds,
  type Retrier,
  type RunningProjection,
  retrierUnderPause,
  type Verifier,
} from '../operations/index.ts';
import { addCorrelationRoutes } from './correlations.ts';
import type { ServiceDeclaration } from './declaration.ts';
import { addOriginRoutes, type OwnedKind } from './origins/routes.ts';
import type { Parts } from './parts.ts';
import { addSagaRoutes } from './saga-routes.ts';
import type { OpenSaga } from './sagas.ts';

/** What an operator may ask of a process that follows events. */
export interface Operations {
  readonly retrier: Retrier;
  readonly verifier: Verifier;
  readonly status: RunningProjection;
  readonly rebuilds: Rebuilds;
}

export interface AppWork {
  readonly readiness: HttpAppOptions['readiness'];
  readonly freshness: HttpAppOptions['freshness'];
  /** Undefined where another process follows the events: that process offers what is done with them. */
  readonly following: Operations | undefined;
  readonly sagas: readonly OpenSaga[];
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
  { readiness, freshness, examples }: AppWork,
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
    freshness,
    examples,
  };
}

export function addServiceRoutes(app: HttpApp, { pauseGate, held }: Parts, work: AppWork): void {
  app.addHook('preHandler', async ({ routeOptions: { config: route } }) => {
    if (route.policy === 'read' || route.policy === 'write') await work.whenFresh();
  });
  if (work.contracts) addContractRoutes(app, work.contracts);
  if (work.following) addOperations(app, work.following, pauseGate);
  addOriginRoutes(app, { held }, work.owned);
  const correlations = work.sagas.filter((one) => one.isCorrelation);
  if (work.sagas.length > 0) addSagaRoutes(app, work.sagas);
  if (correlations.length > 0) addCorrelationRoutes(app, correlations);
}

function addOperations(
  app: HttpApp,
  { retrier, verifier, status, rebuilds }: Operations,
  pauseGate: Parts['pauseGate'],
): void {
  addHeldRoutes(app, retrierUnderPause(retrier, pauseGate));
  addVerificationRoutes(app, verifier);
  addProjectionRoutes(app, [status]);
  addModelRoutes(app, rebuilds);
}
