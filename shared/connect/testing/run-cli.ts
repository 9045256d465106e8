// One run of the command line for unit tests: a fake worker and topics in memory instead of servers, and short patience.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptOutput } from '../../testing/workspace/index.ts';
import { runCli } from '../cli.ts';
import type { Surroundings } from '../context.ts';
import { connectorShape, connectorText } from './connector-text.ts';
import { type FakeWorker, startFakeWorker } from './fake-worker.ts';
import { type InMemoryTopics, inMemoryTopics } from './in-memory-topics.ts';

export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command line beside these servers; `around` replaces parts of its surroundings. */
export function cliBeside({ worker, topics }: { readonly worker: FakeWorker; readonly topics: InMemoryTopics }) {
  return async (args: readonly string[], around: Partial<Surroundings> = {}): Promise<CliRun> => {
    const { output, said } = keptOutput();
    const code = await runCli(args, {
      ...output,
      confirm: undefined,
      openTopics: async () => topics,
      countDocuments: async () => new Map(),
      ...around,
      env: {
        CONNECT_URL: worker.url,
        CONNECT_RETRY_FOR_MS: '300',
        CONNECT_RETRY_INITIAL_MS: '5',
        CONNECT_RETRY_MAX_MS: '20',
        CONNECT_HEALTHY_WITHIN_MS: '400',
        CONNECT_POLL_MS: '5',
        CONNECT_STEADY_MS: '20',
        CONNECT_WATCH_EVERY_MS: '5',
        CONNECT_TOPIC_MOVES_WITHIN_MS: '20',
        CONNECT_REFILL_WITHIN_MS: '400',
        ...around.env,
      },
    });
    return { code, ...said() };
  };
}

interface Place {
  worker: FakeWorker;
  topics: InMemoryTopics;
  /** With the files of two connectors. */
  folder: string;
  readonly run: ReturnType<typeof cliBeside>;
}

/**
 * A worker, topics and a folder of its own for each test of a file, and nothing left of them afterwards.
 * @param begin what each test begins with; without, nothing is deployed yet
 */
export function placeForEachTest(begin: () => Promise<void> = async () => {}): Place {
  const place = { run: (args, around) => cliBeside(place)(args, around) } as Place;
  beforeEach(async () => {
    place.folder = await mkdtemp(join(tmpdir(), 'foldline-connectors-'));
    for (const name of ['user-events', 'user-snapshots'])
      await writeFile(join(place.folder, `${name}.json`), connectorText(connectorShape(name)));
    place.worker = await startFakeWorker();
    place.topics = inMemoryTopics();
    await begin();
  });
  afterEach(async () => {
    await place.worker.close();
    await rm(place.folder, { recursive: true });
  });
  return place;
}
