// What the shop proves: customers against user-service, and its own three kinds against a fold of their events.

import { userForm } from '@foldline/contracts';
import { settleLimits, systemClock, systemIds, verifierLimits } from 'foldline/config';
import {
  type Copies,
  createVerifier,
  type EventStore,
  type HeldSubjects,
  type Keeper,
  type Logger,
  type PauseLever,
  type ProgressSource,
  type Projector,
  type ProvedModel,
  readModel,
  type SharedForm,
  type StoredEvent,
  settledBy,
  type Verifier,
  wholeForm,
} from 'foldline/engine';
import { foldedEvents, mongoCopies } from 'foldline/mongodb';
import type { Collection, Db } from 'mongodb';
import type { ShoppingServiceConfig } from './config.ts';
import { userBucketsClient } from './customers/user-buckets-client.ts';
import { type OwnStores, ownerOfUsers } from './owners.ts';
import type { ShopCollection, ShopReadModel } from './read-model.ts';
import { isNamedIn } from './references/named.ts';

export interface ShopProofPorts extends OwnStores {
  readonly config: ShoppingServiceConfig;
  readonly db: Db;
  readonly shop: ShopReadModel;
  readonly keeper: Pick<Keeper, 'record' | 'assertFresh'>;
  readonly held: HeldSubjects;
  readonly apply: Projector['apply'];
  readonly gate: ProvedModel['gate'];
  readonly lever: Pick<PauseLever, 'isPaused' | 'assertRunning'>;
  readonly arrivals: readonly ProgressSource[];
  readonly log: Logger;
}

type Parts = Pick<ProvedModel, 'form' | 'source' | 'sourceName' | 'owner'>;

export function startShopVerifier(ports: ShopProofPorts): Verifier {
  const { config, db, shop, catalogStore, orderStore, lever, log } = ports;
  const own = (from: ShopCollection, name: string, owner: EventStore): Parts => {
    const events: Collection<StoredEvent> = db.collection(name);
    const source = foldedEvents(events, from.model.projection, wholeForm);
    return { form: wholeForm, source, sourceName: `a fold of ${name}`, owner };
  };
  const models = [
    provedIn(ports, 'user-events', shop.customers, ofUsers(ports)),
    provedIn(ports, 'catalog-events', shop.categories, own(shop.categories, 'CatalogEvents', catalogStore)),
    provedIn(ports, 'catalog-events', shop.items, own(shop.items, 'CatalogEvents', catalogStore)),
    provedIn(ports, 'order-events', shop.orders, own(shop.orders, 'OrderEvents', orderStore)),
  ];
  return createVerifier({ models, lever, clock: systemClock, ids: systemIds, log, limits: verifierLimits(config) });
}

function ofUsers({ config }: ShopProofPorts): Parts {
  return {
    form: userForm({ notYetAvailable: 'absent', available: 'active', removed: 'deleted' }),
    source: userBucketsClient({
      url: config.USER_SERVICE_URL,
      token: config.USER_SERVICE_TOKEN,
      timeoutMs: config.USER_SERVICE_SCAN_TIMEOUT_MS,
    }),
    sourceName: 'user-service',
    owner: ownerOfUsers(config),
  };
}

function provedIn(
  { config, shop, keeper, held, apply, gate, arrivals }: ShopProofPorts,
  topic: string,
  from: ShopCollection,
  parts: Parts,
): ProvedModel {
  const { projection } = from.model;
  const arrival = arrivals.find(({ name }) => name === topic) as ProgressSource;
  return {
    ...parts,
    ...{
      model: readModel(projection, from.documents),
      generations: () => keeper.record(projection.name),
      held,
      apply,
      gate,
      isNamed: isNamedIn(shop),
    },
    copies: liveCopies(from, parts.form, keeper),
    settled: settledBy(arrival, settleLimits(config)),
  };
}

/** Of whichever generation is live when something is asked of them; written only by a process that may rely on what it knows. */
function liveCopies(from: ShopCollection, form: SharedForm, { assertFresh }: Pick<Keeper, 'assertFresh'>): Copies {
  const now = () => mongoCopies(from.collection, from.model.projection, form);
  return {
    estimate: () => now().estimate(),
    digests: (...asked) => now().digests(...asked),
    entries: (...asked) => now().entries(...asked),
    async replace(...found) {
      assertFresh();
      return now().replace(...found);
    },
    async removeUnreadable(subjects) {
      assertFresh();
      return now().removeUnreadable(subjects);
    },
    async remove(found) {
      assertFresh();
      return now().remove(found);
    },
  };
}
