// The collections that a backfill writes. The new generation takes writes until the backfill ends. The live generation takes a write of
// the backfill as it takes one of any other writer: not while the projection is paused, and after a look at what is held.

import type { Documents, DocumentWrite, HeldSubjects } from '../../engine/index.ts';
import type { FeedGate } from '../../running/index.ts';
import type { Membership } from './membership.ts';
import type { GenerationCollection } from './rebuilt-model.ts';

/** How a backfill is ended: what it reads, and what it writes. */
export interface BackfillEnds {
  readonly signal: AbortSignal;
  readonly gate: Pick<FeedGate, 'pass'>;
}

export interface LivePorts {
  readonly membership: Pick<Membership, 'whenFresh'>;
  /** Everything that writes documents of the projection passes through it. */
  readonly gate: Pick<FeedGate, 'pass'>;
  readonly held: Pick<HeldSubjects, 'among' | 'release'>;
}

/** Stops writes to a generation that may be dropped: after the end of the backfill, or by a process that others count as ended. */
export function fenced(
  collection: GenerationCollection,
  { membership }: Pick<LivePorts, 'membership'>,
  { signal, gate }: BackfillEnds,
): GenerationCollection {
  const { read, write } = collection.documents;
  const documents: Documents = {
    read,
    write: async (writes) => {
      await membership.whenFresh();
      signal.throwIfAborted();
      await gate.pass(() => write(writes));
    },
  };
  return { ...collection, documents };
}

/**
 * Waits while the projection is paused, but not after the end of the backfill. It looks for held subjects after each write: a subject
 * that the live feed held meanwhile goes on when the source brought its missing events.
 */
export function fencedLive(live: GenerationCollection, ports: LivePorts, ends: BackfillEnds): GenerationCollection {
  const { documents, ...rest } = fenced(live, ports, ends);
  return {
    ...rest,
    documents: {
      read: documents.read,
      write: (writes) =>
        untilAborted(ends.signal, () =>
          ports.gate.pass(async () => {
            await documents.write(writes);
            await releaseReached(ports.held, writes);
          }),
        ),
    },
  };
}

async function releaseReached(held: LivePorts['held'], writes: readonly DocumentWrite[]): Promise<void> {
  const reached = new Map(writes.flatMap((one) => ('put' in one ? [[one.put._id, one.put.version] as const] : [])));
  const there = await held.among([...reached.keys()]);
  if (there.size > 0) await held.release(new Map([...there.keys()].map((key) => [key, reached.get(key) ?? 0])));
}

/** Rejects at the abort. Work that still waits at the gate checks the abort by itself, and then does nothing. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let ended: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    ended = () => reject(signal.reason);
    signal.addEventListener('abort', ended, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', ended);
  }
}
