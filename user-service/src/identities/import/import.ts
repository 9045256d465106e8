// The import of an export, in its order: backup, survey, preview, then people, events and merges, and the report. Each step finds what
// an earlier run did already, so that the same command, run again after a kill, ends in the same.
import { setFlagsFromString } from 'node:v8';
import { type Context, exitCodes, json } from '@foldline/shared/admin';
import { systemClock } from '@foldline/shared/config';
import type { ImportConfig } from '../../config.ts';
import { settingsOf, told } from '../../operator/failures.ts';
import { openUsers, type Users } from '../../operator/open-users.ts';
import { type RunStage, stagesIn } from '../../operator/stages.ts';
import { type WorkFolder, workFolder } from '../../operator/work-folder.ts';
import { newIdentityBody } from '../identity-schemas.ts';
import { backUp } from './backup.ts';
import { beginImport, importIdOf, type Rules } from './begin.ts';
import { carryOut } from './carry-out.ts';
import { findExportFile } from './files.ts';
import type { Import } from './imported-events.ts';
import { inBatches } from './in-batches.ts';
import { lookUpPeople } from './look-up.ts';
import { pendingMerges } from './merges.ts';
import { previewOf } from './preview.ts';
import { readersOf } from './readers.ts';
import { isFinished, reportOf } from './report.ts';
import { type Export, type Survey, surveyExport } from './survey.ts';
import { previewText, reportText } from './text.ts';

export interface ImportOrder extends Rules {
  /** Paths. */
  readonly people: string;
  readonly events: string;
  /** Looks, and writes nothing. */
  readonly dryRun: boolean;
  /** Does not ask, not even on a terminal. */
  readonly yes: boolean;
}

/** Left to itself, V8 lets garbage grow to three times what lives before it looks; here nearly all of it is lines that were stored. */
const thriftyHeap = '--heap-growing-percent=60';

const reportFile = 'report.json';
/** Written when the first thing is about to be stored, and names the collection: another one is another import of these files. */
const storingFile = 'storing.json';
const refusedFile = 'refused.ndjson';

/** @returns the exit code: 0 when every line is accounted for, whether it was stored or not */
export async function importExport(order: ImportOrder, context: Context): Promise<number> {
  const kind = newIdentityBody.shape.kind.safeParse(order.kind);
  if (!kind.success) {
    context.stderr(context.colors.red(`--kind ${order.kind}: ${kind.error.issues[0]?.message}`));
    return exitCodes.usage;
  }
  setFlagsFromString(thriftyHeap);
  const config = settingsOf(context);
  const stage = stagesIn(context);
  const files: Export = {
    people: await findExportFile('people', order.people),
    events: await findExportFile('events', order.events),
  };
  const users = await openUsers(config);
  try {
    return await importWith({ users, config, context, stage }, order, files);
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
  readonly stage: RunStage;
}

async function importWith(around: Around, order: ImportOrder, files: Export): Promise<number> {
  const { users, config, context, stage } = around;
  const { stdout, stderr, format } = context;
  const id = await importIdOf(files, stage);
  const folder = workFolder(config.DATA_DIR, id);
  const of = await beginImport(folder, id, order, { now: systemClock.now(), write: !order.dryRun });
  const begun = await begunIn(folder, await users.collectionId());
  // Until something is stored: what a later run would find is the import itself.
  if (!order.dryRun && !begun.storing)
    await stage('backup', 'events', (reached) => backUp(folder, users.events, (count) => reached(0, count)));

  const survey = await surveyInto(around, of, files, order.dryRun ? undefined : folder);
  await lookUp(around, of, survey);
  const batchMax = config.IMPORT_BATCH_LINES_MAX;
  const preview = await previewOf(
    of,
    survey,
    pendingMerges(users.log, of, survey.map.groups.values(), batchMax, begun.finished),
  );
  if (order.dryRun) {
    stdout(format === 'json' ? json(preview) : previewText(preview));
    return exitCodes.ok;
  }
  stderr(previewText(preview));
  if (!order.yes && context.confirm && !(await context.confirm('Store this?'))) {
    stderr('Nothing was stored.');
    return exitCodes.error;
  }

  const ports = await users.forWriting();
  const store = await users.collectionId();
  if (!begun.storing) await folder.writeJson(storingFile, { store });
  const task = { of, survey, events: files.events, mergesToCome: preview.mergesToCome, finished: begun.finished };
  const outcome = await carryOut(users, ports, task, config, stage);
  // Counted in KiB, on every system.
  const memoryBytesMax = process.resourceUsage().maxRSS * 1024;
  const report = reportOf(of, outcome, { finished: begun.finished, store, now: systemClock.now(), memoryBytesMax });
  users.crashAt('before-report');
  await folder.writeJson(reportFile, report);
  stdout(format === 'json' ? json(report) : reportText(report, folder.path, context.colors));
  return report.conservation.holds ? exitCodes.ok : exitCodes.error;
}

/** How far the import has come in this very collection; a copy of the files may have gone to another one from the same folder. */
async function begunIn(folder: WorkFolder, store: string | undefined) {
  const earlier = (await folder.json(storingFile)) as { readonly store?: string } | undefined;
  const storing = store !== undefined && earlier?.store === store;
  return { storing, finished: storing && isFinished(await folder.json(reportFile), store) };
}

/** @param folder where the refused lines are written; undefined where nothing may be written */
async function surveyInto(
  { config, stage }: Around,
  of: Import,
  files: Export,
  folder: WorkFolder | undefined,
): Promise<Survey> {
  const refused = await folder?.lines(refusedFile);
  try {
    const survey = await surveyExport(files, {
      readers: readersOf(of, config.STORE_EVENT_BYTES_MAX),
      lineBytesMax: config.IMPORT_LINE_BYTES_MAX,
      stage,
      onRefused: async (lines) => refused?.write(lines.map((line) => JSON.stringify(line))),
    });
    await refused?.finish();
    return survey;
  } catch (error) {
    await refused?.discard();
    throw error;
  }
}

function lookUp({ users, config, stage }: Around, of: Import, { map: { people } }: Survey): Promise<void> {
  return stage('who is known', 'people', async (reached) => {
    let done = 0;
    for (const batch of inBatches(people.values(), config.IMPORT_BATCH_LINES_MAX)) {
      await lookUpPeople(users.known, of, batch);
      done += batch.length;
      reached(done / people.size, done);
    }
  });
}
