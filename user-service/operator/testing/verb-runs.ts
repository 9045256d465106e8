// Runs the import, or another long verb, as an operator would: whole command lines, in this process or as one of its own, on a database and in a folder that
// no other test uses.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCli, type Surroundings } from 'foldline/admin';
import { pause } from 'foldline/running';
import { keptOutput, testMongodbUri, uniqueDatabaseName } from 'foldline/testing/workspace';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { verbs } from '../admin.ts';
import type { Report } from '../import/report.ts';

const entry = resolve(process.cwd(), 'shared', 'dist', 'bin', 'main.js');

export interface ImportRun {
  /** The exit code, or the signal that ended the process. */
  readonly code: number | NodeJS.Signals;
  readonly out: string;
  readonly err: string;
}

const storedWithinMs = 60_000;
/** Whoever looks all the time takes the processor from what is waited for. */
export const lookEveryMs = 5;

type Lines = readonly (object | string | Buffer)[];
type Environment = Readonly<Record<string, string>>;

export interface ImportWorld {
  readonly env: Environment;
  readonly folder: string;
  readonly events: Collection<Document>;
  /** The names of all there are in its database. */
  collections(): Promise<string[]>;
  /** Writes a file of an export and returns its path; objects become JSON, each part a line. */
  file(name: string, lines: Lines): Promise<string>;
  /** Of the given lines, with names of their own. */
  files(people: Lines, events: Lines): Promise<string[]>;
  /** In this process. @param args behind the verb */
  run(args: readonly string[], around?: Partial<Surroundings>): Promise<ImportRun>;
  /** The report of a run that ends with 0. @throws Error with what it said when it does not */
  report(args: readonly string[], env?: Environment): Promise<Report>;
  /** As a process of its own. */
  start(
    args: readonly string[],
    env?: Environment,
  ): { readonly child: ChildProcess; readonly ended: Promise<ImportRun> };
  /** Resolves once an event of the type is stored; @throws Error when none is within a minute */
  stored(type: string): Promise<void>;
  /** What an import left in its folder, as lines of JSON. */
  left(id: string, name: string): Promise<Document[]>;
  close(): Promise<void>;
}

/** @param verb that is run with all arguments */
export async function openImportWorld(
  overrides: Environment = {},
  verb: readonly string[] = ['identities', 'import'],
): Promise<ImportWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'foldline-import-'));
  const database = uniqueDatabaseName('import');
  const env = { MONGODB_URI: testMongodbUri(), USERS_DATABASE: database, DATA_DIR: join(folder, 'data'), ...overrides };
  const client = await new MongoClient(env.MONGODB_URI).connect();
  const events = client.db(database).collection<Document>('UserEvents');
  let files = 0;

  const file: ImportWorld['file'] = async (name, lines) => {
    const parts = lines.map((line) =>
      line instanceof Buffer || typeof line === 'string' ? line : JSON.stringify(line),
    );
    await writeFile(join(folder, name), Buffer.concat(parts.flatMap((part) => [Buffer.from(part), Buffer.from('\n')])));
    return join(folder, name);
  };

  const run: ImportWorld['run'] = async (args, around = {}) => {
    const { output, said } = keptOutput();
    const surroundings: Surroundings = {
      env,
      ...output,
      confirm: undefined,
      ...around,
    };
    const code = await runCli([...verb, ...args], surroundings, { verbs });
    return { code, ...said() };
  };

  const start: ImportWorld['start'] = (args, more = {}) => {
    const child = spawn(process.execPath, [entry, 'admin', ...verb, ...args], {
      env: { PATH: process.env.PATH ?? '', npm_lifecycle_event: 'admin', ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // A test that failed half-way must not leave its process behind.
    const endToo = () => child.kill('SIGKILL');
    process.once('exit', endToo);
    child.once('exit', () => process.off('exit', endToo));
    const parts = { out: [] as string[], err: [] as string[] };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => parts.out.push(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => parts.err.push(text));
    const ended = once(child, 'close').then(([code, signal]) => ({
      code: (signal ?? code) as ImportRun['code'],
      out: parts.out.join(''),
      err: parts.err.join(''),
    }));
    return { child, ended };
  };

  return {
    env,
    folder,
    events,
    file,
    run,
    start,
    collections: async () => (await client.db(database).listCollections().toArray()).map(({ name }) => name),
    async files(people, activities) {
      files += 1;
      return [
        '--people',
        await file(`people-${files}.ndjson`, people),
        '--events',
        await file(`events-${files}.ndjson`, activities),
      ];
    },
    async report(args, more = {}) {
      const { code, out, err } = await run([...args, '-o', 'json'], { env: { ...env, ...more } });
      if (code !== 0) throw new Error(`The import ended with ${code}: ${err}${out}`);
      return JSON.parse(out);
    },
    async stored(type) {
      const endMs = Date.now() + storedWithinMs;
      while (!(await events.findOne({ type }))) {
        if (Date.now() > endMs) throw new Error(`No ${type} was stored.`);
        await pause(lookEveryMs);
      }
    },
    async left(id, name) {
      const text = await readFile(join(env.DATA_DIR, 'imports', id, name), 'utf8');
      return name.endsWith('.ndjson')
        ? text
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line))
        : [JSON.parse(text)];
    },
    async close() {
      await client.db(database).dropDatabase();
      await client.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
