// The first look at an export: one pass over both files finds out who is who, and what is refused, before anything is stored.
import type { RunStage } from '../long-verb.ts';
import { exportLines, type ReadLine, type ReadObject } from './export-lines.ts';
import { type Counting, countingFromZero, countOne, linesWithValue, type Tally } from './figures.ts';
import type { ExportFile, FileName } from './files.ts';
import { createIdentityMap, type IdentityMap } from './identity-map.ts';
import type { Readers } from './readers.ts';

export interface Survey {
  readonly map: IdentityMap;
  /** `repeats` are the further profiles of a distinct id; the rest is not known before the store is asked. */
  readonly people: Counting;
  readonly events: Counting;
  readonly reasons: Readonly<Record<FileName, Tally>>;
  /** Profiles of which more is known than their distinct id. */
  readonly knownProfiles: number;
}

interface RefusedLine {
  readonly file: FileName;
  readonly line: number;
  readonly reason: string;
}

export type Export = Readonly<Record<FileName, ExportFile>>;

interface SurveyPorts {
  readonly readers: Readers;
  readonly lineBytesMax: number;
  readonly stage: RunStage;
  /** Told in the order of the lines, the people's file first. */
  readonly onRefused: (lines: readonly RefusedLine[]) => Promise<void>;
}

export async function surveyExport(files: Export, ports: SurveyPorts): Promise<Survey> {
  const { readers, lineBytesMax, stage, onRefused } = ports;
  const map = createIdentityMap();
  const reasons = { people: {}, events: {} };

  const pass = <T extends object>(
    file: ExportFile,
    read: ReadObject<T>,
    take: (value: T, figures: Counting) => void,
  ): Promise<Counting> =>
    stage(`who is who in ${file.name}`, 'lines', async (onProgress) => {
      const figures = countingFromZero();
      for await (const lines of exportLines(file, read, { lineBytesMax, onProgress })) {
        for (const { value } of linesWithValue(figures, lines)) take(value as T, figures);
        await tellRefused(file.name, lines);
      }
      return figures;
    });

  async function tellRefused(file: FileName, lines: readonly ReadLine<object>[]): Promise<void> {
    const refused = lines.flatMap((line) =>
      'refused' in line ? [{ file, line: line.number, reason: line.refused }] : [],
    );
    for (const { reason } of refused) countOne(reasons[file], reason);
    if (refused.length > 0) await onRefused(refused);
  }

  let knownProfiles = 0;
  const people = await pass(files.people, readers.people, (profile, figures) => {
    if (Object.keys(profile).length > 1) knownProfiles += 1;
    if (!map.addProfile(profile)) figures.repeats += 1;
  });
  const events = await pass(files.events, readers.events, (activity) => map.addActivity(activity));
  return { map, people, events, reasons, knownProfiles };
}
