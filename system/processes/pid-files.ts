// One JSON file for each process that was started: what it is, how to know it again, and who started it.
// Written at once after the start and removed at its end, so that the next start can end what a crash left behind.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from 'foldline/engine';
import { z } from 'zod';

/** The order in which processes are ended: what uses a server goes before it. */
export const END_ORDER = { service: 0, worker: 1, server: 2 } as const;

/** What a process is, which decides when it is ended. */
export type ProcessRole = keyof typeof END_ORDER;

const pidRecord = z.object({
  name: z.string(),
  role: z.enum(['service', 'worker', 'server']),
  pid: z.number().int().positive(),
  mark: z.string(),
  ownerPid: z.number().int().positive(),
  ownerMark: z.string(),
});

/** One started process; `mark` and `ownerMark` are those of process-mark.ts. */
export type PidRecord = z.infer<typeof pidRecord>;

const pidFile = (pidsDir: string, name: string) => join(pidsDir, `${name}.json`);

/** Writes the record whole or not at all. Synchronous: between the start and this a crash would leave an unknown process. */
export const writePidFile = (pidsDir: string, record: PidRecord): void => {
  mkdirSync(pidsDir, { recursive: true });
  const file = pidFile(pidsDir, record.name);
  writeFileSync(`${file}.tmp`, `${JSON.stringify(record)}\n`);
  renameSync(`${file}.tmp`, file);
};

/** Removes the record of a process that ended. */
export const removePidFile = (pidsDir: string, name: string): void => rmSync(pidFile(pidsDir, name), { force: true });

/** Every readable record in the folder, and the names of the files that are none (never ours: ours are renamed into place). */
export const readPidFiles = async (pidsDir: string): Promise<{ records: PidRecord[]; unreadable: string[] }> => {
  const names = await readdir(pidsDir).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const records: PidRecord[] = [];
  const unreadable: string[] = [];
  for (const name of names.filter((each) => each.endsWith('.json'))) {
    const record = parseRecord(await readFile(join(pidsDir, name), 'utf8'));
    if (record) records.push(record);
    else unreadable.push(name);
  }
  return { records, unreadable };
};

const parseRecord = (text: string): PidRecord | null => {
  try {
    return pidRecord.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};
