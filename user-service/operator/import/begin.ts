// What makes an import the same import: the content of its files. Whoever runs it again goes on with it, under the same rules.
import { createHash } from 'node:crypto';
import { AdminFailure } from 'foldline/admin';
import { z } from 'zod';
import type { Beginning } from '../beginnings.ts';
import type { RunStage } from '../long-verb.ts';
import type { Users } from '../open-users.ts';
import type { WorkFolder } from '../work-folder.ts';
import { contentOf, type ExportFile } from './files.ts';
import { conversationOf, type Import } from './imported-events.ts';
import type { Export } from './survey.ts';

const idLength = 16;

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

/** An import, and how it was begun in this very database, if it was: what a run finds then is the import itself. */
export interface Standing {
  readonly of: Import;
  readonly earlier: Beginning | undefined;
}

/**
 * Looks, and writes nothing.
 * @throws AdminFailure `refused` when it was begun under other rules, which would store lines twice
 */
export async function standingOf(
  users: Users,
  folder: WorkFolder,
  id: string,
  order: Rules,
  now: Date,
): Promise<Standing> {
  const earlier = (await users.beginnings.find(nameOf({ id }))) ?? (await formerBeginning(users, folder));
  return { of: sameImport(id, order, earlier ?? { rules: rulesOf(order), startedAt: now }), earlier };
}

/**
 * Keeps what it is begun with, before anything is stored.
 * @returns the import as whoever was first began it
 * @throws AdminFailure `refused` when another run began it under other rules meanwhile
 */
export async function beginImport(users: Users, { of, earlier }: Standing): Promise<Import> {
  const beginning = earlier ?? { rules: rulesOf(of), startedAt: of.startedAt };
  return sameImport(of.id, of, await users.beginnings.begin(nameOf(of), beginning));
}

export const nameOf = (of: Pick<Import, 'id'>) => conversationOf(of).correlationid;

const rulesOf = ({ kind, dedupeByContent }: Rules): Beginning['rules'] => ({ kind, dedupeByContent });

function sameImport(id: string, { kind, dedupeByContent }: Rules, { rules, startedAt }: Beginning): Import {
  if (kind === rules.kind && dedupeByContent === rules.dedupeByContent) return { id, kind, dedupeByContent, startedAt };
  const options = `--kind ${rules.kind}${rules.dedupeByContent ? ' --dedupe-by-content' : ''}`;
  throw new AdminFailure('refused', `These files were imported with ${options} before; run it again with the same.`);
}

const former = {
  rules: z.object({ kind: z.string(), dedupeByContent: z.boolean(), startedAt: z.coerce.date() }),
  storing: z.object({ store: z.string() }),
  report: z.object({
    store: z.string(),
    finishedAt: z.coerce.date(),
    conservation: z.object({ holds: z.literal(true) }),
  }),
};

/** Of a run that kept it in its folder, as versions before this one did. */
async function formerBeginning(users: Users, folder: WorkFolder): Promise<Beginning | undefined> {
  const { data: storing } = former.storing.safeParse(await folder.json('storing.json'));
  const { data: begun } = former.rules.safeParse(await folder.json('import.json'));
  if (!storing || !begun || storing.store !== (await users.collectionId())) return undefined;
  const { startedAt, ...rules } = begun;
  const { data: report } = former.report.safeParse(await folder.json('report.json'));
  return { rules, startedAt, ...(report?.store === storing.store && { finishedAt: report.finishedAt }) };
}
