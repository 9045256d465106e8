// How many events of a collection have not arrived in their documents, counted back from the newest: they are folded in the order
// in which they came, so counting ends at a page that arrived as a whole. Older missing events, which a scan finds, are not counted.
import type { Collection } from 'mongodb';
import type { StoredEvent } from '../../../engine/index.ts';
import type { Gap } from '../../../operations/ports.ts';
import type { StoredPosition } from '../../../running/index.ts';
import { findEvents } from '../raw-documents.ts';

export interface CountLimits {
  /** Events that are counted at most. */
  readonly countMax: number;
  /** How long the server may take for it. */
  readonly timeoutMs: number;
}

const eventsPerPage = 200;

/** @param missing returns those of the given positions whose events have not arrived */
export async function countBehind(
  events: Collection<StoredEvent>,
  missing: (positions: readonly StoredPosition[]) => Promise<readonly StoredPosition[]>,
  { countMax, timeoutMs }: CountLimits,
): Promise<Gap> {
  const projection = { _id: 0, subject: 1, version: 1 };
  const newest = findEvents(events, {}, { projection, batchSize: eventsPerPage, maxTimeMS: timeoutMs })
    .sort({ $natural: -1 })
    // One more than is counted, which tells whether there are more.
    .limit(countMax + 1);
  let behind = 0;
  let page: StoredPosition[] = [];
  /** @returns whether any of the page has not arrived */
  async function countPage(): Promise<boolean> {
    const found = await missing(page);
    page = [];
    behind += found.length;
    return found.length > 0;
  }
  for await (const position of newest) {
    page.push(position);
    if (page.length < eventsPerPage) continue;
    if (!(await countPage())) break;
  }
  if (page.length > 0) await countPage();
  return { events: Math.min(behind, countMax), isLeast: behind > countMax };
}
