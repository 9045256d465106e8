// Goal: what one service has every service has: routes, series and checks differ by the domain only, and each difference is named here.
// Method: the declared services in this process, on real MongoDB, asked for what they offer. Their brokers and owners are away, because
// the offer does not depend on these.
import { readServiceConfig, startService } from 'foldline';
import { createLogger } from 'foldline/fastify';
import { callerOf } from 'foldline/testing';
import { testMongodbUri, uniqueDatabaseName } from 'foldline/testing/workspace';
import { MongoClient } from 'mongodb';
import { mailingService } from './e2e/mailing/service.ts';

jest.setTimeout(60_000);

/** Each declaration has types of its own; here only what all of them have is looked at. */
type Declared = typeof mailingService;
const declaredIn = (path: string, name: string) => jest.requireActual<Record<string, Declared>>(path)[name] as Declared;

interface Offer {
  /** As `get /livez`. */
  readonly routes: readonly string[];
  readonly checks: readonly string[];
  readonly series: readonly string[];
}

/** What only the service has; of routes the beginning of the path. */
interface Domain extends Offer {
  readonly definition: Declared;
}

const services: Readonly<Record<string, Domain>> = {
  'user-service': {
    definition: declaredIn('../user-service/src/service.ts', 'userService'),
    // The last two answer what `/origin/user` answers, under the names of the releases before.
    routes: ['/users', '/identities', '/identity-merges', '/verification/users', '/figures/users'],
    // The first is the name that the check `feed` has had here.
    checks: ['projector', 'address-clashes'],
    series: [],
  },
  'shopping-service': {
    definition: declaredIn('../shopping-service/src/service.ts', 'shoppingService'),
    routes: ['/customers', '/categories', '/items', '/orders', '/references'],
    checks: ['references'],
    series: ['foldline_references'],
  },
  'mailing-service': { definition: mailingService, routes: ['/recipients'], checks: [], series: [] },
  'festival-processor': {
    definition: declaredIn('../examples/festival/src/service.ts', 'festivalProcessor'),
    routes: [],
    checks: ['saga-remove-teams-when-event-is-removed'],
    series: [],
  },
  'group-service': {
    definition: declaredIn('../examples/channel-groups/src/titled-service.ts', 'groupService'),
    routes: ['/groups'],
    checks: [],
    series: [],
  },
  'channel-service': {
    definition: declaredIn('../examples/channel-groups/src/titled-service.ts', 'channelService'),
    routes: ['/channels'],
    checks: [],
    series: [],
  },
  'reference-service': {
    definition: declaredIn('../examples/channel-groups/src/reference-service.ts', 'referenceService'),
    routes: ['/channel-group-references'],
    checks: ['saga-channel-group-reference', 'saga-group-channel-member'],
    series: [],
  },
};

interface DeclaredStore {
  /** Left out for a store that nothing publishes. */
  readonly topic?: string;
  readonly kinds: readonly string[];
  readonly forms?: Readonly<Record<string, unknown>>;
}

function partsOf({ stores, models, contracts, hears = [] }: Declared) {
  const origins = Object.values(models).map(({ from }): object => from);
  const ownTopics = Object.values(stores as Readonly<Record<string, DeclaredStore>>);
  const topicsOfOthers = origins.flatMap((from) => ('topic' in from ? [String(from.topic)] : []));
  return { stores: ownTopics, topicsOfOthers, hears, hasContracts: contracts !== undefined };
}

/** What follows from a declaration, and from nothing else. */
function impliedBy(definition: Declared): Offer {
  const { stores, topicsOfOthers, hears, hasContracts } = partsOf(definition);
  const { sagas, correlations } = definition;
  // The figures of a kind are those of its documents.
  const modelled = new Set(Object.values(definition.models).map(({ projection }) => projection.kind));
  const ofKinds = stores.flatMap(({ kinds, forms = {} }) =>
    kinds.flatMap((kind) =>
      ['newest', 'events', ...(modelled.has(kind) ? ['figures'] : []), ...(kind in forms ? ['digests'] : [])].map(
        (what) => `get /origin/${kind}/${what}`,
      ),
    ),
  );
  const ofContracts = ['get /asyncapi.json', 'get /schemas', 'get /schemas/{type}'];
  const ofSagas = ['get /sagas', 'get /sagas/{id}', 'post /sagas/{id}/abandon', 'post /sagas/{id}/resume'];
  const resync = ['tries_total', 'running', 'done', 'left'].map((name) => `foldline_resync_${name}`);
  const follows = topicsOfOthers.length + hears.length > 0;
  return {
    routes: [
      ...ofKinds,
      ...(hasContracts ? ofContracts : []),
      ...(sagas || correlations ? ofSagas : []),
      ...(correlations ? ['get /correlations'] : []),
    ],
    checks: [
      ...new Set([...topicsOfOthers, ...stores.flatMap(({ topic = [] }) => topic)]),
      ...(follows ? ['resync'] : []),
    ],
    series: follows ? resync : [],
  };
}

async function offerOf(definition: Declared): Promise<Offer> {
  const database = uniqueDatabaseName('same');
  const { topicsOfOthers, hears } = partsOf(definition);
  const follows = topicsOfOthers.length + hears.length > 0;
  const env = {
    MONGODB_URI: testMongodbUri(),
    LOG_LEVEL: 'silent',
    VERIFICATION_EVERY_MS: '0',
    [definition.settings.database]: database,
    ...(follows && { KAFKA_BROKERS: '127.0.0.1:1', USER_SERVICE_URL: 'http://127.0.0.1:1' }),
  };
  const config = readServiceConfig(definition, env);
  const service = await startService(definition, config, createLogger({ name: 'same', level: 'silent' }));
  try {
    const call = callerOf(service.app);
    const described = (await call('GET /openapi.json')).body.paths as Readonly<Record<string, object>>;
    const { checks } = (await call('GET /readyz?verbose')).body as unknown as { checks: { name: string }[] };
    const metrics = (await service.app.inject('/metrics')).body;
    return {
      routes: Object.entries(described).flatMap(([path, methods]) =>
        Object.keys(methods).map((one) => `${one} ${path}`),
      ),
      checks: checks.map(({ name }) => name),
      series: [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name),
    };
  } finally {
    await service.app.close();
    await service.close();
    const client = await new MongoClient(env.MONGODB_URI).connect();
    await client.db(database).dropDatabase();
    await client.close();
  }
}

const without = (all: readonly string[], some: readonly string[]) => all.filter((one) => !some.includes(one)).sort();
const isUnder = (route: string, paths: readonly string[]) =>
  paths.some((path) => new RegExp(`^\\w+ ${path}(/|$)`).test(route));

test('every service offers what its declaration implies and what its domain adds, and for the rest the same', async () => {
  const rests = new Map<string, Offer>();
  for (const [name, { definition, ...domain }] of Object.entries(services)) {
    const offer = await offerOf(definition);
    const implied = impliedBy(definition);
    const missing = {
      routes: without(implied.routes, offer.routes),
      checks: without([...implied.checks, ...domain.checks], offer.checks),
      series: without([...implied.series, ...domain.series], offer.series),
      domain: domain.routes.filter((path) => !offer.routes.some((route) => isUnder(route, [path]))),
    };
    expect([name, missing]).toEqual([name, { routes: [], checks: [], series: [], domain: [] }]);
    const others = offer.routes.filter((route) => !isUnder(route, domain.routes));
    rests.set(name, {
      routes: without(others, implied.routes),
      checks: without(offer.checks, [...implied.checks, ...domain.checks]),
      series: without(offer.series, [...implied.series, ...domain.series]),
    });
  }
  const [[, first], ...others] = [...rests] as [[string, Offer], ...[string, Offer][]];
  const firstForAll = Object.fromEntries(others.map(([name]) => [name, first]));
  expect(Object.fromEntries(others)).toEqual(firstForAll);
  // The rest is what an operator works with, and no empty list.
  expect(first.checks).toEqual(['feed', 'held-subjects', 'ignored-events', 'pause', 'proofs']);
  for (const path of ['/admin/held', '/admin/verifications', '/admin/projections', '/admin/models'])
    expect(first.routes.filter((route) => isUnder(route, [path]))).not.toEqual([]);
  for (const series of ['foldline_gap_events', 'foldline_lag_seconds', 'foldline_proved_equal_timestamp_seconds'])
    expect(first.series).toContain(series);
});
