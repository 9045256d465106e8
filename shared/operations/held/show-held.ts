// What a retry would make of a held subject, found out without writing anything.
import { Failure, fold, type Held, isFailure, kindOf, usableBase } from '../../engine/index.ts';
import { type AttemptPorts, historyOf } from './retry-attempt.ts';
import { type Fold, isPlace, type ShownHeld } from './retry-ports.ts';

type Ports = Pick<AttemptPorts, 'models' | 'held' | 'ownerOf' | 'limits'>;

/** @throws Failure `not-found` unless it is held now */
export async function entryOf({ held }: Pick<Ports, 'held'>, key: string): Promise<Held> {
  const entry = (await held.among([key])).get(key);
  if (entry) return entry;
  throw new Failure('not-found', `${key} is not held. GET /admin/held lists what is.`);
}

export function placeInWords({ key, detail }: Held): string {
  return `${key} is a place in a topic where no event could be read (${detail}). It names no subject, so there is nothing to go on with: find its producer, then dismiss it.`;
}

/** @throws Failure `not-found`, and whatever a store throws that cannot be reached */
export async function show(ports: Ports, key: string): Promise<ShownHeld> {
  const held = await entryOf(ports, key);
  const nothing = { held, document: undefined, next: undefined };
  if (isPlace(held)) return { ...nothing, detail: placeInWords(held) };
  const model = ports.models.find(({ projection }) => projection.kind === kindOf(key));
  if (!model) return { ...nothing, detail: `Nobody here folds subjects of the kind ${kindOf(key)} any more.` };
  const document = (await model.documents.read([key])).get(key);
  const base = usableBase(model.projection, document);
  const owner = ports.ownerOf(key);
  if (!owner) return { ...nothing, document, detail: `Nobody here knows who has the events of ${key}.` };
  try {
    const unanswered = new Map<string, unknown>();
    let next: Fold = { document: base, events: 0, stop: undefined };
    const history = historyOf(owner, key, base?.version ?? 0, ports.limits.batchEventsMax, unanswered);
    for await (const items of history) {
      const folding = fold(
        model.projection,
        next.document,
        items.map(({ event }) => event),
      );
      next = { document: folding.document, events: next.events + folding.applied, stop: folding.stop };
      if (next.stop) break;
    }
    if (unanswered.has(key)) throw unanswered.get(key);
    return { held, document, next, detail: inWords(held, next) };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ...nothing, document, detail: `What it would become is not known: ${error.message}` };
  }
}

/**
 * It is held for a version that its owner, asked now, has not: a stranger's, or one that was taken back. A document that is further
 * than where it was held says nothing yet: what brought it there may be owed to whoever hears of events, until the next try.
 */
export function waitsInVain({ held, next }: Pick<ShownHeld, 'held' | 'next'>): boolean {
  if ((held.reason !== 'hole' && held.reason !== 'unreadable') || !next || next.stop || next.events > 0) return false;
  const version = next.document?.version ?? 0;
  return version <= held.appliedVersion && version < held.seenVersion;
}

function inWords({ seenVersion }: Held, { document, events, stop }: Fold): string {
  const version = document?.version ?? 0;
  const folded = events === 1 ? '1 event' : `${events} events`;
  if (stop)
    return `A retry would fold ${folded} and stop at version ${version}, before version ${stop.version}: ${stop.detail}.`;
  if (version < seenVersion)
    return `A retry would fold ${folded} and stop at version ${version}: the owner has nothing behind it, and version ${seenVersion} was seen.`;
  return `A retry would fold ${folded} and release it at version ${version}.`;
}
