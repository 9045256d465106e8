// Adopts a team's own collection of users: each document becomes one event, once, however often the command is run. It reads the
// collection and writes nothing to it; services may run meanwhile, theirs and ours.
import { type Context, exitCodes, numberText, print } from 'foldline/admin';
import { systemClock } from 'foldline/config';
import type { Collection, Document } from 'mongodb';
import { isWanted, type LongVerb, runLongVerb, wrongUsage } from '../long-verb.ts';
import { type LinesFile, type WorkFolder, workFolder } from '../work-folder.ts';
import { adoptBatch, type BatchPorts } from './adopt-batch.ts';
import { conversationOf, idText, type Origin } from './adopted-user.ts';
import { adoptionText, createTally } from './adoption-report.ts';
import { assertSameAdoption, beginAdoption } from './begin.ts';
import { readFieldMap } from './field-map.ts';
import { assertFound, batchesOf, collectionNamed, theirDocuments } from './their-documents.ts';

interface AdoptionOrder {
  /** `<database>.<collection>`. */
  readonly from: string;
  /** JSON, or the path of a file. */
  readonly map: string;
  /** Looks, and writes nothing. */
  readonly dryRun: boolean;
  /** Does not ask, not even on a terminal. */
  readonly yes: boolean;
}

/** @returns the exit code: 0 when every document was looked at, whether it was adopted or not */
export async function adopt({ from, map: given, dryRun, yes }: AdoptionOrder, context: Context): Promise<number> {
  const name = collectionNamed(from);
  if (!name) return wrongUsage(context, `--from ${from} is no <database>.<collection>.`);
  const map = await readFieldMap(given);
  if ('fault' in map) return wrongUsage(context, map.fault);
  return runLongVerb(context, async (verb) => {
    const { users, config } = verb;
    const origin: Origin = { from, map, now: systemClock.now() };
    const folder = workFolder(config.DATA_DIR, conversationOf(origin));
    const documents = await theirDocuments(users, config, name);
    await assertFound(documents, map);
    await assertSameAdoption(users.beginnings, folder, origin);
    if (!dryRun) await folder.assertWritable();
    const about = await documents.estimatedDocumentCount();
    context.stderr(
      `${from} has about ${numberText(about)} documents. Each becomes a user of ${config.USERS_DATABASE}; nothing of theirs is changed.`,
    );
    if (dryRun) return adoptAll(verb, { documents, about, origin });
    if (!(await isWanted('Adopt them?', context, yes))) return exitCodes.error;
    return adoptAll(verb, { documents, about, origin, folder });
  });
}

interface Task {
  readonly documents: Collection<Document>;
  readonly about: number;
  readonly origin: Origin;
  /** Undefined: nothing is stored, neither there nor in the database. */
  readonly folder?: WorkFolder;
}

async function adoptAll(verb: LongVerb, { documents, about, origin, folder }: Task): Promise<number> {
  const { users, config, context, stage } = verb;
  const tally = createTally();
  const ports: BatchPorts = {
    events: users.events,
    known: users.known,
    would: { be: new Set(), hold: new Map() },
    store: folder && (await users.forWriting()).store,
  };
  if (folder) await beginAdoption(users.beginnings, origin);
  const files = folder ? await Promise.all(['adopted.ndjson', 'skipped.ndjson'].map(folder.lines)) : [];
  const [adoptedFile, skippedFile] = files as [LinesFile?, LinesFile?];
  try {
    await stage('adopt', 'documents', async (reached) => {
      let done = 0;
      for await (const batch of batchesOf(documents, origin.map, config.ADOPT_BATCH_DOCUMENTS_MAX)) {
        const outcomes = await adoptBatch(ports, origin, batch);
        const lines = outcomes.map((outcome, i) => tally.count(idText(batch[i]?.document ?? {}), outcome));
        await adoptedFile?.write(lines.flatMap((line) => ('adopted' in line ? line.adopted : [])));
        await skippedFile?.write(lines.flatMap((line) => ('skipped' in line ? line.skipped : [])));
        done += batch.length;
        reached(done / Math.max(about, done), done);
      }
    });
    for (const file of files) await file.finish();
  } catch (error) {
    for (const file of files) await file.discard();
    throw error;
  }
  const { from, map, now: startedAt } = origin;
  const times = { startedAt, finishedAt: systemClock.now() };
  const report = tally.report({ from, map, dryRun: folder === undefined, ...times });
  await folder?.writeJson('report.json', report);
  print(context, report, adoptionText(report, folder?.path, context.colors));
  return exitCodes.ok;
}
