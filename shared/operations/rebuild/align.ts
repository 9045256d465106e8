// Behind a backfill: brings each document of two generations to the higher of its two versions. From then on the new one lacks nothing
// that a reader has seen, whatever the source did not tell, and a way back finds nothing that is newer in the other.
import { type Documents, isPlaceholder, type StoredDocument } from '../../engine/index.ts';
import { mergeJoin } from './merge-join.ts';
import type { GenerationCollection } from './rebuilt-model.ts';

const documentsAtOnceMax = 500;

/** Writes are guarded by versions, so that what is written at the same time wins where it is newer. @returns how many it took over */
export async function alignGenerations(
  live: GenerationCollection,
  filled: GenerationCollection,
  { signal, aligned = () => {} }: { readonly signal: AbortSignal; aligned?(count: number): void },
): Promise<void> {
  const lacking = { live: [] as string[], filled: [] as string[] };
  let count = 0;
  const flush = async (least: number) => {
    if (lacking.filled.length >= least)
      count += await takeOver(lacking.filled.splice(0), live.documents, filled.documents);
    if (lacking.live.length >= least) count += await takeOver(lacking.live.splice(0), filled.documents, live.documents);
    aligned(count);
  };
  for await (const { key, one, other } of mergeJoin(live.scanVersions(), filled.scanVersions())) {
    if (!other || (one && one.version > other.version)) lacking.filled.push(key);
    else if (!one || other.version > one.version) lacking.live.push(key);
    if (lacking.filled.length < documentsAtOnceMax && lacking.live.length < documentsAtOnceMax) continue;
    signal.throwIfAborted();
    await flush(documentsAtOnceMax);
  }
  signal.throwIfAborted();
  await flush(1);
}

async function takeOver(ids: readonly string[], from: Documents, to: Documents): Promise<number> {
  const found = await from.read(ids);
  await to.write([...found.values()].map(writeOf));
  return found.size;
}

function writeOf(document: StoredDocument) {
  return isPlaceholder(document) ? { placeholder: document._id } : { put: document };
}
