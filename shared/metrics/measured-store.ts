// An event store that counts and times its appends.
import { Counter, Histogram, type Registry } from 'prom-client';
import { type EventStore, isFailure } from '../engine/index.ts';

const bucketsSeconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface StoreMetrics {
  measured(store: EventStore, collection: string): EventStore;
}

export function storeMetrics(registry: Registry): StoreMetrics {
  const seconds = new Histogram({
    name: 'foldline_append_seconds',
    help: 'Duration of appends by how they ended: stored, version-conflict, claim-conflict, or a problem code',
    labelNames: ['collection', 'result'] as const,
    buckets: bucketsSeconds,
    registers: [registry],
  });
  const events = new Counter({
    name: 'foldline_events_stored_total',
    help: 'Events stored by this process',
    labelNames: ['collection'] as const,
    registers: [registry],
  });
  return {
    measured: (store, collection) => ({
      ...store,
      async append(members) {
        const end = seconds.startTimer({ collection });
        try {
          const result = await store.append(members);
          end({ result: result.kind });
          if (result.kind === 'stored') events.inc({ collection }, members.length);
          return result;
        } catch (error) {
          end({ result: isFailure(error) ? error.code : 'internal' });
          throw error;
        }
      },
    }),
  };
}
