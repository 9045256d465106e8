// Ends what a start left behind that was killed itself: services first, servers last, each known by pid *and* start time.
// Touches nothing while the process that started them lives: that is another start on the same folder, and an error.
import { setTimeout as delay } from 'node:timers/promises';
import { SystemFailure } from '../failure.ts';
import { END_ORDER, type PidRecord, readPidFiles, removePidFile } from './pid-files.ts';
import { processMark } from './process-mark.ts';
import { signalGroup } from './processes.ts';

const POLL_MS = 25;
const KILL_LIMIT_MS = 5_000;

/** One process that was ended. */
export interface EndedOrphan {
  readonly name: string;
  readonly pid: number;
}

/**
 * Ends the orphans recorded in the folder and removes their files.
 *
 * @param graceMs how long each may take to end by itself after SIGTERM, before SIGKILL
 * @returns the processes that were still running, in the order they were ended
 * @throws SystemFailure when the processes belong to a start that is still running, or one of them cannot be ended
 */
export const endOrphans = async (pidsDir: string, graceMs = 10_000): Promise<EndedOrphan[]> => {
  const { records, unreadable } = await readPidFiles(pidsDir);
  if (unreadable.length > 0) {
    throw new SystemFailure(
      `the pid file ${unreadable[0]} in ${pidsDir} cannot be read: end that process yourself and delete the file`,
    );
  }
  await refuseLivingOwner(records, pidsDir);
  const ended: EndedOrphan[] = [];
  for (const order of new Set(Object.values(END_ORDER))) {
    const group = records.filter((record) => END_ORDER[record.role] === order);
    // Within one role nobody depends on another, so they may end together.
    const results = await Promise.all(group.map((record) => endOne(record, graceMs)));
    for (const [index, record] of group.entries()) {
      if (results[index]) ended.push({ name: record.name, pid: record.pid });
      removePidFile(pidsDir, record.name);
    }
  }
  return ended;
};

const refuseLivingOwner = async (records: readonly PidRecord[], pidsDir: string): Promise<void> => {
  for (const record of records) {
    if ((await processMark(record.ownerPid)) === record.ownerMark && (await lives(record))) {
      throw new SystemFailure(
        `${record.name} in ${pidsDir} was started by process ${record.ownerPid}, which still runs: end that one first, or set DATA_DIR to another folder`,
      );
    }
  }
};

const lives = async (record: PidRecord) => (await processMark(record.pid)) === record.mark;

const endOne = async (record: PidRecord, graceMs: number): Promise<boolean> => {
  if (!(await lives(record))) return false;
  signalGroup(record.pid, 'SIGTERM');
  signalGroup(record.pid, 'SIGCONT');
  if (await gone(record, graceMs)) return true;
  signalGroup(record.pid, 'SIGKILL');
  if (await gone(record, KILL_LIMIT_MS)) return true;
  throw new SystemFailure(`${record.name} (pid ${record.pid}) of an earlier start does not end: end it yourself`);
};

const gone = async (record: PidRecord, limitMs: number): Promise<boolean> => {
  const deadline = Date.now() + limitMs;
  while (await lives(record)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
};
