// The origin of models whose events are in a store of this service: everything is read where it is stored.
import { catchUpByScanning, foldedEvents, newestIn } from '../../adapters/mongodb/index.ts';
import { wholeForm } from '../../operations/index.ts';
import { fromCollection, reporting, scanOf } from '../event-scan.ts';
import type { OpenStore, Parts } from '../parts.ts';
import type { Origin } from './origin.ts';

export function ownStoreOrigin(parts: Parts, { store, events, topic, collection }: OpenStore): Origin {
  return {
    topic,
    foreign: false,
    readNext: store.readNext,
    async newest() {
      const newest = await newestIn(events);
      return newest ? [newest] : [];
    },
    comparison: (projection) => ({
      form: wholeForm,
      source: foldedEvents(events, projection, wholeForm),
      sourceName: `a fold of ${collection}`,
    }),
    sources: (model) => [fromCollection(parts, model, { topic, events })],
    /** What this service stored itself it reads where it is stored: everything in the topic came from there. */
    resync: (models, _broker, { handle }) => ({
      topic,
      async takeIn({ signal, report }) {
        const readModels = models.map(({ model }) => model);
        await catchUpByScanning(scanOf(parts, readModels, { topic, events }), reporting(handle, report), signal);
        return true;
      },
    }),
  };
}
