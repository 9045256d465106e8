// Readers that never rest while a model is rebuilt: documents that change, asked of one process and then of the other, and pages
// of a list whose members are known. A version that goes back, a page that lacks somebody, and any failure is a fault.
import { get } from './requests.ts';
import { type VersionNotes, versionNotes } from './version-watch.ts';

export interface RebuildReaders {
  /** Answers so far. */
  reads(): number;
  readonly notes: VersionNotes;
  /** One sentence for each read that failed, or was of a half-built model. */
  faults(): readonly string[];
  /** Until so many more reads were answered. */
  whenRead(more: number): Promise<void>;
  stop(): Promise<void>;
}

interface Page {
  readonly url: string;
  readonly ids: string;
}

export interface ReaderOptions {
  readonly urls: readonly string[];
  /** Ids of customers who change. */
  readonly changing: readonly string[];
  /** Of each, one reader after the other. */
  readonly readers: number;
}

const pageMembers = 200;
const faultsMax = 20;

/** Nobody may be added to the list, or leave it, from now on. */
export async function startRebuildReaders({ urls, changing, readers }: ReaderOptions): Promise<RebuildReaders> {
  const [first = ''] = urls;
  const pages = await pagesOf(first);
  const notes = versionNotes();
  const faults: string[] = [];
  const waiting: { readonly at: number; readonly resolve: () => void }[] = [];
  let reads = 0;
  let stopped = false;

  function counted(): void {
    reads += 1;
    for (const one of waiting.splice(0)) {
      if (reads >= one.at) one.resolve();
      else waiting.push(one);
    }
  }

  async function answered(url: string) {
    const answer = await get(url, { insist: false });
    counted();
    if (answer.status === 200) return answer;
    faults.push(`GET ${url} answered ${answer.status} ${answer.body.code}`);
    return undefined;
  }

  /** One after the other, so that what is seen later was read later, whichever process answered. */
  async function readDocument(id: string): Promise<void> {
    for (const url of urls) {
      const answer = await answered(`${url}/customers/${id}`);
      if (answer) notes.saw(`customer ${id}`, answer.body.version);
    }
  }

  async function readPage(page: Page, of: string): Promise<void> {
    const answer = await answered(`${of}${page.url}`);
    if (answer && idsIn(answer.body) !== page.ids) faults.push(`${of}${page.url} does not list whom it listed before`);
  }

  async function readForEver(nth: number): Promise<void> {
    // Each document has one reader only.
    const own = changing.filter((_, i) => i % readers === nth);
    for (let round = nth; !stopped && faults.length < faultsMax; round += 1) {
      try {
        for (const id of own) await readDocument(id);
        await readPage(pages[round % pages.length] as Page, urls[round % urls.length] as string);
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error));
      }
    }
    for (const { resolve } of waiting.splice(0)) resolve();
  }

  const running = Promise.all(Array.from({ length: readers }, (_, nth) => readForEver(nth)));
  return {
    reads: () => reads,
    notes,
    faults: () => [...faults, ...notes.faults()],
    whenRead: (more) =>
      new Promise((resolve) => {
        waiting.push({ at: reads + more, resolve });
      }),
    async stop() {
      stopped = true;
      await running;
    },
  };
}

function idsIn(body: object): string {
  return (body as { readonly items: readonly { readonly id: string }[] }).items.map(({ id }) => id).join();
}

/** Every page as it is now. */
async function pagesOf(base: string): Promise<Page[]> {
  const pages: Page[] = [];
  for (let url: string | undefined = `/customers?limit=${pageMembers}`; url !== undefined; ) {
    const { body } = await get(`${base}${url}`);
    pages.push({ url, ids: idsIn(body) });
    const { nextCursor } = body as { readonly nextCursor?: string | null };
    url = nextCursor ? `/customers?limit=${pageMembers}&cursor=${encodeURIComponent(nextCursor)}` : undefined;
  }
  return pages;
}
