// Adopts a team's own collection of users: each document becomes one event, once, however often the command is run. It reads the
// collection and writes nothing to it; services may run meanwhile, theirs and ours.
import { AdminFailure, type Context, exitCodes, json, numberText } from '@foldline/shared/admin';
import { systemClock } from '@foldline/shared/config';
import type { Collection, Document } from 'mongodb';
import type { ImportConfig } from '../config.ts';
import { settingsOf, told } from '../operator/failures.ts';
import { openUsers, type Users } from '../operator/open-users.ts';
import { stagesIn } from '../operator/stages.ts';
import { type LinesFile, type WorkFolder, workFolder } from '../operator/work-folder.ts';
import { adoptBatch, type BatchPorts } from './adopt-batch.ts';
import { idText, type Origin } from './adopted-user.ts';
import { adoptionText, createTally } from './adoption-report.ts';
import { type FieldMap, pathsOf, readFieldMap } from './field-map.ts';

export interface AdoptionOrder {
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
export async function adopt(order: AdoptionOrder, context: Context): Promise<number> {
  const config = settingsOf(context);
  const map = await readFieldMap(order.map);
  const users = await openUsers(config);
  try {
    const documents = await sourceOf(users, config, order.from);
    await assertFound(documents, map);
    const about = await documents.estimatedDocumentCount();
    context.stderr(
      `${order.from} has about ${numberText(about)} documents. Each becomes a user of ${config.USERS_DATABASE}; nothing of theirs is changed.`,
    );
    if (!order.dryRun && !order.yes && context.confirm && !(await context.confirm('Adopt them?'))) {
      context.stderr('Nothing was stored.');
      return exitCodes.error;
    }
    return await adoptAll({ users, config, context, documents, about }, order, {
      ...{ from: order.from, map, now: systemClock.now() },
    });
  } catch (error) {
    throw told(error);
  } finally {
    await users.close();
  }
}

interface Around {
  readonly users: Users;
  readonly config: ImportConfig;
  readonly context: Context;
  readonly documents: Collection<Document>;
  readonly about: number;
}

async function adoptAll(around: Around, { dryRun }: AdoptionOrder, origin: Origin): Promise<number> {
  const { users, config, context, documents, about } = around;
  const folder = workFolder(config.DATA_DIR, `adopt-${origin.from}`);
  if (!dryRun) await begin(folder, origin.map);
  const tally = createTally();
  const ports: BatchPorts = {
    ...{ events: users.events, known: users.known, would: { be: new Set(), hold: new Map() } },
    store: dryRun ? undefined : (await users.forWriting()).store,
  };
  const files = dryRun ? [] : await Promise.all(['adopted.ndjson', 'skipped.ndjson'].map(folder.lines));
  const [adoptedFile, skippedFile] = files as [LinesFile?, LinesFile?];
  try {
    await stagesIn(context)('adopt', 'documents', async (reached) => {
      let done = 0;
      for await (const batch of batchesOf(documents, origin, config.ADOPT_BATCH_DOCUMENTS_MAX)) {
        const outcomes = await adoptBatch(ports, origin, batch);
        const lines = outcomes.map((outcome, i) => tally.count(idText(batch[i] ?? {}), outcome));
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
  const times = { startedAt: origin.now, finishedAt: systemClock.now() };
  const report = tally.report({ from: origin.from, map: origin.map, dryRun, ...times });
  if (!dryRun) await folder.writeJson('report.json', report);
  const path = dryRun ? undefined : folder.path;
  context.stdout(context.format === 'json' ? json(report) : adoptionText(report, path, context.colors));
  return exitCodes.ok;
}

const begunFile = 'begun.json';

/** @throws AdminFailure `refused` when it was begun with other ids, by which every document would be another user */
async function begin(folder: WorkFolder, { id }: FieldMap): Promise<void> {
  const begun = (await folder.json(begunFile)) as { readonly id: string } | undefined;
  if (begun === undefined) return folder.writeJson(begunFile, { id });
  if (begun.id === id) return;
  throw new AdminFailure('refused', `It was begun with "id":"${begun.id}" in --map; go on with the same.`);
}

/** @throws AdminFailure `refused` for a path that no document has: everybody would lack it, for good */
async function assertFound(documents: Collection<Document>, map: FieldMap): Promise<void> {
  if ((await documents.findOne({}, { projection: { _id: 1 } })) === null) return;
  const faults: string[] = [];
  for (const [key, path] of Object.entries(map)) {
    if (path === undefined) continue;
    const found = await documents.findOne({ [path]: { $exists: true, $ne: null } }, { projection: { _id: 1 } });
    if (found === null) faults.push(`${path} (${key})`);
  }
  if (faults.length > 0)
    throw new AdminFailure('refused', `--map: no document of ${documents.namespace} has ${faults.join(', nor ')}.`);
}

/** In order of ids, so that of two documents with one address always the same one gets it. */
async function* batchesOf(documents: Collection<Document>, { map }: Origin, max: number): AsyncGenerator<Document[]> {
  // The part before the first dot: two paths that begin alike would refuse each other.
  const projection = Object.fromEntries(['_id', ...pathsOf(map)].map((path) => [path.split('.')[0], 1]));
  let batch: Document[] = [];
  for await (const document of documents.find({}, { projection, sort: { _id: 1 }, batchSize: max })) {
    batch.push(document);
    if (batch.length < max) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** @throws AdminFailure `refused` when it is not there, or is Foldline's own */
async function sourceOf(users: Users, config: ImportConfig, from: string): Promise<Collection<Document>> {
  const [, database = '', name = ''] = /^([^.]+)\.(.+)$/.exec(from) ?? [];
  if (name === '') throw new AdminFailure('refused', `--from ${from} is no <database>.<collection>.`);
  if (database === config.USERS_DATABASE && (name === 'Users' || name === 'UserEvents'))
    throw new AdminFailure(
      'refused',
      `--from ${from}: user-service keeps its own ${name} there. Rename the collection, or give user-service another database by USERS_DATABASE.`,
    );
  const names = (await users.database(database).listCollections({}, { nameOnly: true }).toArray()).map(
    (one) => one.name,
  );
  if (names.includes(name)) return users.database(database).collection(name);
  const there = names.length > 0 ? `has: ${names.sort().join(', ')}` : 'has no collection at all';
  throw new AdminFailure('refused', `There is no collection ${from}; ${database} ${there}.`);
}
