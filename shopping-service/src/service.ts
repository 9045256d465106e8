// shopping-service, declared: two stores of its own, and one read model of four kinds, of which customers are copied from the users of
// user-service. What follows from it is the kit's.
import { contractDocuments, userForm } from '@foldline/contracts';
import { defineService, readServiceConfig, referenceMetrics } from 'foldline';
import { idOf, kindOf } from 'foldline/engine';
import { addCategoryRoutes, addItemRoutes } from './catalogue/catalogue-routes.ts';
import { categoryProjection } from './catalogue/category.ts';
import { itemProjection } from './catalogue/item.ts';
import { shoppingServiceSettings } from './config.ts';
import { customerProjection } from './customers/customer.ts';
import { addCustomerRoutes, customerFromSnapshot } from './customers/customer-copy.ts';
import { absorbedIn, openIdentities } from './customers/identities.ts';
import { apiExamples } from './examples.ts';
import { orderProjection } from './orders/order.ts';
import { addOrderRoutes } from './orders/order-routes.ts';
import { indexesOf } from './read-model.ts';
import { openReferences } from './references/open-references.ts';
import { addReferenceRoutes } from './references/routes.ts';

export const shoppingService = defineService({
  name: 'shopping-service',
  description: 'Customers copied from users, categories, items and orders, with references joined on read.',
  projection: 'shop',
  settings: { table: shoppingServiceSettings, port: 'SHOPPING_SERVICE_PORT', database: 'SHOPPING_DATABASE' },
  stores: {
    catalog: { collection: 'CatalogEvents', topic: 'catalog-events', kinds: ['category', 'item'] },
    orders: { collection: 'OrderEvents', topic: 'order-events', kinds: ['order'] },
  },
  models: {
    customers: {
      projection: customerProjection,
      from: {
        service: 'user-service',
        settings: 'USER_SERVICE',
        topic: 'user-events',
        kind: 'user',
        plural: 'users',
        snapshots: { topic: 'user-snapshots', asDocument: customerFromSnapshot },
        form: userForm({ notYetAvailable: 'absent', available: 'active', removed: 'deleted' }),
      },
      indexes: indexesOf.customers,
      names: (subject) => (kindOf(subject) === 'user' ? { mergedInto: idOf(subject) } : undefined),
    },
    categories: { projection: categoryProjection, from: { store: 'catalog' }, indexes: indexesOf.categories },
    items: { projection: itemProjection, from: { store: 'catalog' }, indexes: indexesOf.items },
    orders: { projection: orderProjection, from: { store: 'orders' }, indexes: indexesOf.orders },
  },
  contracts: contractDocuments,
  examples: apiExamples,
  own({ config, models, metrics }) {
    const references = openReferences(models, config);
    referenceMetrics(metrics, references.counts, config.REFERENCE_COUNT_MAX);
    return { references, checks: { references: references.check } };
  },
  routes({ app, read }, { config, models: shop, commands, held }, { references: { ledger, policies } }) {
    const identities = openIdentities({
      documents: shop.customers.documents,
      absorbedBy: absorbedIn(shop.customers),
      membersMax: config.IDENTITY_MEMBERS_MAX,
    });
    const ports = { shop, identities, read, ...commands, held, ledger, policies };
    addCustomerRoutes(app, ports);
    addCategoryRoutes(app, ports, commands.categories);
    addItemRoutes(app, ports, commands.items);
    addOrderRoutes(app, ports, commands.orders);
    addReferenceRoutes(app, ports);
  },
});

/** @throws SettingsFault naming every faulty variable, or those that do not go together */
export const readConfig = (env?: Readonly<Record<string, string | undefined>>) =>
  readServiceConfig(shoppingService, env);
