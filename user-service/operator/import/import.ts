// The import of an export, in its order: backup, survey, preview, then people, events and merges, and the report. Each step finds what
// an earlier run did already, so that the same command, run again after a kill, ends in the same.
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { type Context, exitCodes, print } from 'foldline/admin';
import { systemClock } from 'foldline/config';
import { newIdentityBody } from '../../src/identities/identity-schemas.ts';
import { isWanted, type LongVerb, runLongVerb, wrongUsage } from '../long-verb.ts';
import { type WorkFolder, workFolder } from '../work-folder.ts';
import { assertReadableForm, assertWorthStoring } from './assert-readable.ts';
import { backUp } from './backup.ts';
import { inBatches } from './batches.ts';
import { beginImport, importIdOf, nameOf, type Rules, standingOf } from './begin.ts';
import { carryOut } from './carry-out.ts';
import { findExportFile } from './files.ts';
import type { Import } from './imported-events.ts';
import { pendingMerges } from './merges.ts';
import { lookUpPeople } from './people.ts';
import { previewOf, previewText } from './preview.ts';
import { readersOf } from './readers.ts';
import { reportOf, reportText } from './report.ts';
import { type Export, type Survey, surveyExport } from './survey.ts';

interface ImportOrder extends Rules {
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

const refusedFile = 'refused.ndjson';

/** @returns the exit code: 0 when every line is accounted for, whether it was stored or not */
export async function importExport(order: ImportOrder, context: Context): Promise<number> {
  const kind = newIdentityBody.shape.kind.safeParse(order.kind);
  if (!kind.success) return wrongUsage(context, `--kind ${order.kind}: ${kind.error.issues[0]?.message}`);
  setFlagsFromString(thriftyHeap);
  const files: Export = {
    people: await findExportFile('people', order.people),
    events: await findExportFile('events', order.events),
  };
  for (const file of [files.people, files.events]) await assertReadableForm(file);
  return runLongVerb(context, (verb) => importWith(verb, order, files));
}

async function importWith(verb: LongVerb, order: ImportOrder, files: Export): Promise<number> {
  const { users, config, context, stage } = verb;
  const { stderr } = context;
  const id = await importIdOf(files, stage);
  const folder = workFolder(config.DATA_DIR, id);
  const standing = await standingOf(users, folder, id, order, systemClock.now());
  const { of, earlier } = standing;
  const finished = earlier?.finishedAt !== undefined;
  // Until something is stored: what a later run would find is the import itself.
  if (!order.dryRun && !earlier)
    await stage('backup', 'events', (reached) => backUp(folder, users.events, (count) => reached(0, count)));

  const survey = await surveyInto(verb, of, files, order.dryRun ? undefined : folder);
  // What an earlier run began goes on.
  if (!earlier) assertWorthStoring(survey, files, order.dryRun ? undefined : join(folder.path, refusedFile));
  await lookUp(verb, of, survey);
  const preview = await previewOf(
    of,
    survey,
    pendingMerges(users.log, of, survey.map.groups.values(), config.IMPORT_BATCH_LINES_MAX, finished),
  );
  if (order.dryRun) {
    print(context, preview, previewText(preview));
    return exitCodes.ok;
  }
  stderr(previewText(preview));
  if (!(await isWanted('Store this?', context, order.yes))) return exitCodes.error;

  const ports = await users.forWriting();
  const begun = await beginImport(users, standing);
  const task = { of: begun, survey, events: files.events, mergesToCome: preview.mergesToCome, finished };
  const outcome = await carryOut(users, ports, task, config, stage);
  // Counted in KiB, on every system.
  const memoryBytesMax = process.resourceUsage().maxRSS * 1024;
  const report = reportOf(begun, outcome, { finished, now: systemClock.now(), memoryBytesMax });
  users.crashAt('before-report');
  await folder.writeJson('report.json', report);
  const { holds } = report.conservation;
  if (holds) await users.beginnings.finish(nameOf(begun), report.finishedAt);
  print(context, report, reportText(report, folder.path, context.colors));
  return holds ? exitCodes.ok : exitCodes.error;
}

/** @param folder where the refused lines are written; undefined where nothing may be written */
async function surveyInto(
  { config, stage }: LongVerb,
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

function lookUp({ users, config, stage }: LongVerb, of: Import, { map: { people } }: Survey): Promise<void> {
  return stage('who is known', 'people', async (reached) => {
    let done = 0;
    for (const batch of inBatches(people.values(), config.IMPORT_BATCH_LINES_MAX)) {
      await lookUpPeople(users.known, of, batch);
      done += batch.length;
      reached(done / people.size, done);
    }
  });
}
