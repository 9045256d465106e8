// Adopts an existing collection: each of its documents becomes a user with one event, in batches that may be interrupted and go on.
// The id of a document decides the id of its user: with another field as the id, each document would become a second user.
import { AdminFailure, type Context, exitCodes, numberText, print } from 'foldline/admin';
import { systemClock } from 'foldline/config';
import type { Collection, Document } from 'mongodb';
import { z } from 'zod';
import type { Beginning, Beginnings } from '../beginnings.ts';
import { isWanted, type LongVerb, runLongVerb, wrongUsage } from '../long-verb.ts';
import { type LinesFile, type WorkFolder, workFolder } from '../work-folder.ts';
import { adoptBatch, type BatchPorts } from './adopt-batch.ts';
import { conversationOf, idText, type Origin } from './adopted-user.ts';
import { adoptionText, createTally } from './adoption-report.ts';
import { readFieldMap } from './field-map.ts';
import { assertFound, batchesOf, collectionNamed, theirDocuments } from './their-documents.ts';

/** Where it stood before it was kept beside the events. */
const formerFile = 'begun.json';
const former = z.object({ id: z.string() });

/**
 * Looks, and writes nothing.
 * @throws AdminFailure `refused` when it was begun in this database with another id, or nobody can say with which
 */
export async function assertSameAdoption(beginnings: Beginnings, folder: WorkFolder, origin: Origin): Promise<void> {
  const name = conversationOf(origin);
  const begun = await beginnings.find(name);
  if (begun) return assertSameId(begun, origin);
  if (!(await beginnings.hasEvents(name))) return;
  const { data } = former.safeParse(await folder.json(formerFile));
  if (!data)
    throw new AdminFailure(
      'refused',
      `Users of ${origin.from} are here, and nothing says which "id" of --map they were adopted by. Run it with DATA_DIR as it was then, or say it in the database of users: db.Imports.insertOne({ _id: "${name}", rules: { id: "_id" } }).`,
    );
  assertSameId({ rules: data }, origin);
}

/** Keeps what it is begun with, before anything is stored. @throws AdminFailure `refused` when another run began it otherwise meanwhile */
export async function beginAdoption(beginnings: Beginnings, origin: Origin): Promise<void> {
  const { id } = origin.map;
  assertSameId(await beginnings.begin(conversationOf(origin), { rules: { id }, startedAt: origin.now }), origin);
}

function assertSameId({ rules }: Pick<Beginning, 'rules'>, origin: Origin): void {
  const { from, map } = origin;
  if (rules.id === map.id) return;
  throw new AdminFailure(
    'refused',
    `${from} was begun with "id":"${rules.id}" in --map, and not with "id":"${map.id}", by which each document would be another user. Go on with "id":"${rules.id}"; if none of its documents was adopted, delete ${conversationOf(origin)} from the collection Imports of the database of users, and begin anew.`,
  );
}

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
