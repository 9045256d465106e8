// The origin of a model whose events belong to another service: the owner is asked over HTTP for its newest event, for missing events and
// for digests, and its snapshots are taken in place of its events where it publishes them.

import { createProjector, readModel, type StoredEvent } from '../../engine/index.ts';
import {
  type BackfillSource,
  type CopyFigures,
  createSnapshotIntake,
  heldInLive,
  holdingNothing,
  isWhole,
  type OwnerState,
  type TopicResync,
  wholeForm,
} from '../../operations/index.ts';
import type { HandleItems } from '../../running/index.ts';
import type { RemoteOrigin } from '../declaration.ts';
import { followedCollections, fromCollection, reporting } from '../event-scan.ts';
import type { OpenModel } from '../models.ts';
import type { Parts } from '../parts.ts';
import type { Origin } from './origin.ts';
import { ownerClient } from './owner-client.ts';
import { ownerEvents } from './owner-events.ts';
import { type OwnerLimits, ownerLimits } from './owner-settings.ts';
import { foldOfAll, ownerBuckets } from './owner-sides.ts';
import { lenient } from './protocol.ts';
import { resyncBySnapshots } from './snapshot-resync.ts';

export function ownerState({ asking, scanning }: OwnerLimits, kind: string) {
  const { plural, settings } = asking;
  const { ask, bodyOf, unanswered, unexpected } = ownerClient(asking);
  const counting = ownerClient(scanning);

  /** @throws Failure `overloaded` in one sentence with what to do */
  async function newest(signal: AbortSignal) {
    const response = await ask(`/origin/${kind}/newest`, {}, signal);
    if (response.status !== 200) throw unexpected(response, `for the newest event of ${plural}`);
    const read = lenient.newest.safeParse(await bodyOf(response));
    if (read.success) return read.data;
    throw unanswered(`answers something that tells no newest event of ${plural}; correct ${settings}_URL`);
  }

  async function figures(signal: AbortSignal): Promise<CopyFigures> {
    const response = await counting.ask(`/origin/${kind}/figures`, {}, signal);
    const read = lenient.figures.safeParse(await counting.bodyOf(response));
    if (response.status === 200 && read.success) return read.data;
    throw unexpected(response, `how many ${plural} it has`);
  }

  return {
    newest,
    /** @throws Failure `overloaded` in one sentence with what to do */
    async ofSnapshots(signal: AbortSignal): Promise<OwnerState> {
      // The figures are read first, so that the newest event below is not older than any event that the figures count.
      const counted = await figures(signal);
      const { newestUnheld, complete, held, moreHeld } = await newest(signal);
      return { newestUnheld: newestUnheld ?? undefined, complete, held, moreHeld, figures: counted };
    },
  };
}

export function remoteOrigin(parts: Parts, declared: RemoteOrigin): Origin {
  const { topic, kind, form, service, snapshots } = declared;
  const limits = ownerLimits(parts.config, declared);
  const events = ownerEvents({ ...limits.asking, ...limits.pages, kind });
  const state = ownerState(limits, kind);

  return {
    topic,
    read: declared.read,
    foreign: true,
    readNext: events.readNext,
    async newest() {
      const { newest } = await state.newest(new AbortController().signal);
      return newest ? [newest] : [];
    },
    comparison: (projection) =>
      form
        ? { form, source: ownerBuckets({ ...limits.scanning, kind }), sourceName: service }
        : { form: wholeForm, source: foldOfAll(events.all, projection), sourceName: service },
    sources(model) {
      const here = followedCollections(parts).filter((one) => one.topic === topic);
      if (here.length > 0) return here.map((one) => fromCollection(parts, model, one));
      return snapshots ? fromSnapshots(parts, snapshots) : [fromOwner(parts, model, topic, events.all)];
    },
    resync([model], broker, into) {
      if (snapshots && model)
        return resyncBySnapshots(parts, { broker, topic, snapshots, model, state: state.ofSnapshots, into });
      return resyncByOwner(parts, declared, events.all, into.handle);
    },
  };
}

type All = (signal: AbortSignal) => AsyncIterable<readonly StoredEvent[]>;

const itemOf = (source: string) => (event: StoredEvent) => ({
  source,
  position: `${source}#${event.subject}@${event.version}`,
  event,
});

/** Each snapshot replaces the events up to its version. No snapshot goes past an event that holds its subject in the live generation. */
function fromSnapshots(
  { broker, held, clock, logger: log }: Parts,
  { topic, asDocument }: NonNullable<RemoteOrigin['snapshots']>,
): BackfillSource[] {
  if (!broker) return [];
  const snapshots = broker.snapshots(topic);
  return [
    {
      name: 'snapshots',
      unit: 'records',
      unusable: snapshots.unusable,
      async backfill(documents, { signal, report }) {
        const intake = createSnapshotIntake({ documents, held: heldInLive(held), asDocument, clock, log });
        const handle = async (records: Parameters<typeof intake>[0]) => {
          await intake(records);
        };
        await snapshots.read({ signal, report, handle, enough: () => true });
      },
    },
  ];
}

/** All events of the owner, folded anew. */
function fromOwner({ clock, logger: log }: Parts, { model }: OpenModel, topic: string, all: All): BackfillSource {
  return {
    name: 'owner',
    unit: 'events',
    unusable: async () => undefined,
    async backfill(into, { signal, report }) {
      const models = [readModel(model.projection, into)];
      const { apply } = createProjector({ models, held: holdingNothing, clock, log });
      const handle = reporting(apply, report, signal);
      for await (const page of all(signal)) await handle(page.map(itemOf(topic)));
    },
  };
}

/** All events of the owner in place of the log, which alone is enough where it holds everything. */
function resyncByOwner(
  { logger: log }: Parts,
  { topic, service }: RemoteOrigin,
  all: All,
  handle: HandleItems,
): TopicResync {
  return {
    topic,
    async takeIn({ reason, partitions, signal, report }) {
      // The owner is asked after the ends were noted, so it has every event that lies before the ends.
      const counted = reporting(handle, report, signal);
      try {
        for await (const page of all(signal)) await counted(page.map(itemOf(topic)));
        return true;
      } catch (error) {
        if (signal.aborted || !isWhole(partitions)) throw error;
        log.warn(
          { err: error, topic, reason },
          `${service} does not answer; the records of the log are folded instead`,
        );
        return false;
      }
    },
  };
}
