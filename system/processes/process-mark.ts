// Tells one process from a later one that was given the same pid.
// The mark is boot id and start time; a pid alone may be anybody's by the time it is read from a file.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * The mark of a living process, or null when there is none with this pid.
 * A zombie counts as gone: it runs nothing, and where nobody reaps it stays for ever.
 */
export const processMark = async (pid: number): Promise<string | null> =>
  process.platform === 'linux' ? markFromProc(pid) : markFromPs(pid);

const markFromProc = (pid: number): string | null => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return markFromStat(readFileSync(`/proc/${pid}/stat`, 'utf8'), boot);
  } catch {
    // ENOENT or ESRCH: the process ended before or while it was read.
    return null;
  }
};

/** The mark from one `/proc/<pid>/stat` line (proc(5): field 3 is the state, field 22 the start in clock ticks). */
export const markFromStat = (stat: string, boot: string): string | null => {
  // The second field is the program's name in brackets and may itself hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  return state === 'Z' || state === 'X' || startTicks === undefined ? null : `${boot}:${startTicks}`;
};

const markFromPs = async (pid: number): Promise<string | null> => {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { timeout: 5_000 });
    const line = stdout.trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
  } catch {
    // ps ends with code 1 when there is no such process.
    return null;
  }
};
