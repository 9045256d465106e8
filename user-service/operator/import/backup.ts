// Everything that the store holds before an import writes to it, as lines that `mongoimport` reads.
import type { StoredEvent } from 'foldline/engine';
import { documentLines } from 'foldline/mongodb';
import type { Collection, Document } from 'mongodb';
import type { WorkFolder } from '../work-folder.ts';

const backupFile = 'backup.ndjson';
/** Lines that are written together. */
const atOnceMax = 500;

/** @param onWritten told how many events were written so far */
export async function backUp(
  folder: WorkFolder,
  events: Collection<StoredEvent>,
  onWritten: (count: number) => void,
): Promise<void> {
  await folder.keepEarlier(backupFile);
  const file = await folder.lines(backupFile);
  try {
    let count = 0;
    let waiting: string[] = [];
    for await (const line of documentLines(events as unknown as Collection<Document>)) {
      waiting.push(line);
      count += 1;
      if (waiting.length < atOnceMax) continue;
      await file.write(waiting);
      onWritten(count);
      waiting = [];
    }
    await file.write(waiting);
    onWritten(count);
  } catch (error) {
    await file.discard();
    throw error;
  }
  await file.finish();
}
