// What makes an import the same import: the content of its files. Whoever runs it again goes on with it, under the same rules.
import { createHash } from 'node:crypto';
import { AdminFailure } from '@foldline/shared/admin';
import { z } from 'zod';
import type { RunStage } from '../../operator/stages.ts';
import type { WorkFolder } from '../../operator/work-folder.ts';
import { contentOf, type ExportFile } from './files.ts';
import type { Import } from './imported-events.ts';
import type { Export } from './survey.ts';

const idLength = 16;
const begunFile = 'import.json';

/** Of the unpacked content, so that packing makes no other import of the same lines. */
export async function importIdOf({ people, events }: Export, stage: RunStage): Promise<string> {
  const digestOf = (file: ExportFile) =>
    stage(`reading ${file.name}`, 'bytes', async (reached) => {
      const hash = createHash('sha256');
      const content = contentOf(file, (bytes) => reached(bytes / file.bytes, bytes));
      for await (const piece of content) hash.update(piece);
      return hash.digest('hex');
    });
  const digests = [await digestOf(people), await digestOf(events)];
  return createHash('sha256').update(digests.join('\n')).digest('hex').slice(0, idLength);
}

export type Rules = Pick<Import, 'kind' | 'dedupeByContent'>;

const begun = z.object({ kind: z.string(), dedupeByContent: z.boolean(), startedAt: z.iso.datetime() });

/**
 * Begins an import, or goes on with one.
 * @param write false where nothing may be written
 * @throws AdminFailure `refused` when it was begun under other rules, which would store lines twice
 */
export async function beginImport(
  folder: WorkFolder,
  id: string,
  { kind, dedupeByContent }: Rules,
  { now, write }: { readonly now: Date; readonly write: boolean },
): Promise<Import> {
  const found = await folder.json(begunFile);
  if (found === undefined) {
    const of: Import = { id, kind, dedupeByContent, startedAt: now };
    if (write) await folder.writeJson(begunFile, of);
    return of;
  }
  const { startedAt, ...earlier } = begun.parse(found);
  if (earlier.kind !== kind || earlier.dedupeByContent !== dedupeByContent) {
    const options = `--kind ${earlier.kind}${earlier.dedupeByContent ? ' --dedupe-by-content' : ''}`;
    throw new AdminFailure('refused', `These files were imported with ${options} before; run it again with the same.`);
  }
  return { id, kind, dedupeByContent, startedAt: new Date(startedAt) };
}
