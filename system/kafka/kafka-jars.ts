// The jars of broker, worker and connector: assembled once by Maven from pom.xml into the cache folder.
// Every jar is held against checksums.sha256 before the folder gets its final name, so a folder of that name is complete.

import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { reasonOf } from 'foldline/engine';
import { withoutSecrets } from '../config.ts';
import { SystemFailure } from '../failure.ts';
import { kafkaFile } from '../own-folder.ts';
import { runCommand } from '../processes/commands.ts';
import { checksumFaults, parseChecksums, sha256OfFile, sha256OfTexts } from '../sha256.ts';
import { findMaven, type Java, jvmArguments } from './java.ts';

const MAVEN_LIMIT_MS = 480_000;
const MANIFESTS_LIMIT_MS = 120_000;
const MANIFESTS_HEAP_MB = 256;
const MARKER = 'complete';
// Goes into the folder's name: to be changed with the steps of the assembly, so that no older folder is taken for a new one.
const RECIPE = '1: copied, verified, manifests written';

/** The folders of the assembled jars: the class path of broker and worker, and the worker's `plugin.path`. */
export interface KafkaJars {
  readonly workerDir: string;
  readonly pluginsDir: string;
}

/** Where to keep them; `onStep` hears that Maven is at work. */
interface JarsOptions {
  readonly java: Java;
  readonly cacheDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: (detail: string) => void;
}

/** The jars when they were assembled before, else null. Does not start anything. */
export const assembledJars = async (cacheDir: string): Promise<KafkaJars | null> => {
  const { folder } = await plan(cacheDir);
  const complete = await access(join(folder, MARKER)).then(
    () => true,
    () => false,
  );
  return complete ? jarsIn(folder) : null;
};

/**
 * The jars, assembled now if they are not there yet. Two starts at once both assemble; the first to finish is taken.
 *
 * @throws SystemFailure without Maven, when Maven fails, or when a jar is not the pinned one (names the jar)
 */
export const assembleJars = async ({ java, cacheDir, signal, onStep }: JarsOptions): Promise<KafkaJars> => {
  const before = await assembledJars(cacheDir);
  if (before) return before;
  const { folder, checksums } = await plan(cacheDir);
  const maven = await findMaven();
  const work = `${folder}.${randomUUID()}`;
  try {
    onStep?.('assembling the jars by Maven');
    await mkdir(work, { recursive: true });
    await copyJars(maven, work, signal);
    await verify(work, parseChecksums(checksums));
    await writeManifests(java, jarsIn(work), signal);
    await writeFile(join(work, MARKER), '');
    await publish(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return jarsIn(folder);
};

const plan = async (cacheDir: string): Promise<{ folder: string; checksums: string }> => {
  const pom = await readFile(kafkaFile('pom.xml'), 'utf8');
  const checksums = await readFile(kafkaFile('checksums.sha256'), 'utf8');
  return { folder: join(cacheDir, `kafka-${sha256OfTexts(pom, checksums, RECIPE).slice(0, 16)}`), checksums };
};

const jarsIn = (folder: string): KafkaJars => ({
  workerDir: join(folder, 'worker'),
  pluginsDir: join(folder, 'plugins'),
});

const copyJars = async (maven: string, folder: string, signal: AbortSignal | undefined): Promise<void> => {
  const goals = ['dependency:copy-dependencies@worker', 'dependency:copy-dependencies@plugin'];
  const args = ['--batch-mode', '--quiet', '-f', kafkaFile('pom.xml'), ...goals, `-Djars.folder=${folder}`];
  try {
    await runCommand({ command: maven, args, env: withoutSecrets(), timeoutMs: MAVEN_LIMIT_MS, signal });
  } catch (error) {
    throw new SystemFailure(
      `Maven could not assemble Kafka: check that it reaches a Maven repository, then start again; ${reasonOf(error)}`,
      { cause: error },
    );
  }
};

const verify = async (folder: string, pinned: ReadonlyMap<string, string>): Promise<void> => {
  const found = new Map<string, string>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name);
    found.set(relative(folder, file).split(sep).join('/'), await sha256OfFile(file));
  }
  const [first, ...others] = checksumFaults(pinned, found);
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new SystemFailure(
    `the jars that Maven brought are not those of system/kafka/checksums.sha256: ${first}${more}; empty Maven's cache of it, or correct the list if pom.xml was changed`,
  );
};

/**
 * Lists the connector's classes in a small jar beside it (KIP-898). Without it every start of the worker would search
 * all jars for plugins by reflection, which is most of its starting time.
 */
const writeManifests = async (
  java: Java,
  { workerDir, pluginsDir }: KafkaJars,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const sync = ['org.apache.kafka.tools.ConnectPluginPath', 'sync-manifests', '--plugin-path', pluginsDir];
  const args = [...jvmArguments(workerDir, MANIFESTS_HEAP_MB), ...sync];
  try {
    await runCommand({ command: java.path, args, timeoutMs: MANIFESTS_LIMIT_MS, signal });
  } catch (error) {
    throw new SystemFailure(`the plugins of Kafka Connect could not be listed: ${reasonOf(error)}`, { cause: error });
  }
};

/** Gives the finished folder its name. When another start was faster, its folder stays: the content is the same. */
const publish = async (work: string, folder: string): Promise<void> => {
  try {
    await rename(work, folder);
  } catch (error) {
    const other = await access(join(folder, MARKER)).then(
      () => true,
      () => false,
    );
    if (!other) throw error;
  }
};
