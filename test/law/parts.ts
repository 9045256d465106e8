// What one process of a run works with: the real projector and the real retrier, on ports in memory that can be cut anywhere
// and that a planted bug may bend. Documents, held subjects and the owners' events are the same for all processes.
import {
  type BatchOutcome,
  createProjector,
  type Documents,
  type FeedItem,
  groupBy,
  type HeldSubjects,
  type ReadModel,
  type StoredEvent,
} from 'foldline/engine';
import type { Owner } from 'foldline/operations';
import { inMemoryDocuments, inMemoryHeldSubjects, testClock } from 'foldline/testing';
import type { Apply, Bend, ByKind } from './bend.ts';
import { asSent, type Published } from './delivery.ts';
import { type Course, interruptedDocuments, interruptedHeld, interruptedReading } from './interruptions.ts';
import { type AttemptPorts, ownersOf, repairOnce, silent } from './retrying-and-repairing.ts';
import { ownedByShop, shopProjections } from './shop.ts';

export interface Parts {
  readonly stores: ByKind;
  readonly held: HeldSubjects;
  applyOn(course: Course): Apply;
  /** One try of the retrier, of all that is held or of one. */
  repairOn(course: Course, only: number | undefined): Promise<void>;
  /** From now on the owners have these events, and all before them. */
  stored(events: readonly StoredEvent[]): void;
  /** From now on the owners have every event as it should have been. */
  correct(): void;
}

type Around = (documents: Documents) => Documents;

// The retrier does not look at it.
const noOutcome: BatchOutcome = {
  applied: 0,
  repeats: 0,
  ignored: 0,
  passedOver: 0,
  forks: [],
  held: [],
  versions: new Map(),
  changes: [],
};

/**
 * @param fillsHoles whether the projector reads missing events of the shop's own subjects itself
 * @param written called after every write of a document
 */
export function buildParts(
  truth: readonly StoredEvent[],
  { broken }: Published,
  fillsHoles: boolean,
  bend: Bend,
  written: (id: string) => Promise<void>,
): Parts {
  const projections = bend.projection ? shopProjections.map(bend.projection) : shopProjections;
  const stores = new Map(projections.map(({ kind }) => [kind, bend.store?.() ?? inMemoryDocuments()]));
  const held = (bend.held ?? ((port) => port))(inMemoryHeldSubjects());
  const clock = testClock();
  const owned = groupBy(truth, (event) => event.subject);
  const heads = new Map<string, number>();
  let corrected = false;

  const readNext: Owner['readNext'] = async (positions, eachMax) => {
    const later = [...positions].flatMap(
      ([subject, version]) =>
        owned.get(subject)?.slice(version, Math.min(version + eachMax, heads.get(subject) ?? 0)) ?? [],
    );
    return corrected ? later : later.map((event) => asSent(event, broken));
  };
  const readOwnLater: Owner['readNext'] = (positions, eachMax) =>
    readNext(new Map([...positions].filter(([subject]) => ownedByShop({ subject }))), eachMax);

  function modelsOn(course: Course, batch: readonly StoredEvent[], around: Around): ReadModel[] {
    return projections.map((projection) => {
      const store = stores.get(projection.kind) as Documents;
      const documents = interruptedDocuments(store, course, written);
      return { projection, documents: around(bend.documents?.(documents, batch) ?? documents) };
    });
  }

  function applyOn(course: Course, around: Around = (documents) => documents): Apply {
    const apply: Apply = (events) => {
      const models = modelsOn(course, events, around);
      const projector = createProjector({
        models: bend.models?.(models) ?? models,
        held: interruptedHeld(held, course),
        clock,
        log: silent,
        ...(fillsHoles ? { owner: { readNext: interruptedReading(readOwnLater, course) } } : {}),
      });
      return projector.apply(events.map((event, i) => ({ source: 'law', position: `law@${i}`, event })));
    };
    return bend.apply?.(apply, byKind(modelsOn(course, [], around))) ?? apply;
  }

  async function repairOn(course: Course, only: number | undefined): Promise<void> {
    const around: Around = (documents) => bend.retriersDocuments?.(documents, held) ?? documents;
    const apply = applyOn(course, around);
    const ports: AttemptPorts = {
      models: modelsOn(course, [], around),
      held: interruptedHeld(held, course),
      ownerOf: ownersOf(interruptedReading(readNext, course), (subject) => ownedByShop({ subject })),
      async apply(items) {
        await apply(items.flatMap(eventIn));
        return noOutcome;
      },
    };
    await repairOnce(bend.retrier?.(ports) ?? ports, only);
  }

  return {
    stores,
    held,
    applyOn: (course) => applyOn(course),
    repairOn,
    stored(events) {
      for (const { subject, version } of events) heads.set(subject, Math.max(version, heads.get(subject) ?? 0));
    },
    correct() {
      corrected = true;
    },
  };
}

function byKind(models: readonly ReadModel[]): ByKind {
  return new Map(models.map(({ projection, documents }) => [projection.kind, documents]));
}

function eventIn(item: FeedItem): StoredEvent[] {
  return 'event' in item ? [item.event] : [];
}
