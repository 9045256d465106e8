// Java on this machine: which one runs broker and worker, the Maven that assembles their jars, the flags of a small, quickly started JVM,
// and .properties files.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reasonOf } from 'foldline/engine';
import { withoutSecrets } from '../config.ts';
import { SystemFailure } from '../failure.ts';
import { kafkaFile } from '../own-folder.ts';
import { runCommand } from '../processes/commands.ts';

const OLDEST_JAVA = 17;
const VERSION_LIMIT_MS = 20_000;

/** A Java of version 17 or later. */
export interface Java {
  readonly path: string;
  readonly major: number;
}

/**
 * The Java under `javaHome` (what JAVA_HOME says), else the one on the PATH.
 *
 * @throws SystemFailure when neither is there, or both are older than 17
 */
export const findJava = async ({ javaHome }: { javaHome?: string | undefined } = {}): Promise<Java> => {
  const candidates = javaHome ? [join(javaHome, 'bin', 'java'), 'java'] : ['java'];
  const refused: string[] = [];
  for (const path of candidates) {
    try {
      const { stdout, stderr } = await runCommand({ command: path, args: ['-version'], timeoutMs: VERSION_LIMIT_MS });
      const major = javaMajor(`${stderr}\n${stdout}`);
      if (major >= OLDEST_JAVA) return { path, major };
      refused.push(`${path} is Java ${major}`);
    } catch (error) {
      refused.push(reasonOf(error));
    }
  }
  throw new SystemFailure(
    `Kafka needs Java ${OLDEST_JAVA} or later (${refused.join('; ')}): install it and put it on the PATH, or set JAVA_HOME`,
  );
};

/**
 * The major version in the output of `java -version`: 17 for "17.0.15", 8 for "1.8.0_402".
 *
 * @throws SystemFailure when there is no version in it
 */
export const javaMajor = (output: string): number => {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (!first) throw new SystemFailure('it does not print the version of a Java');
  return first === '1' && second ? Number(second) : Number(first);
};

/**
 * The name of a Maven that runs.
 *
 * @throws SystemFailure when there is none on the PATH
 */
export const findMaven = async (): Promise<string> => {
  try {
    await runCommand({ command: 'mvn', args: ['--version'], env: withoutSecrets(), timeoutMs: VERSION_LIMIT_MS });
    return 'mvn';
  } catch (error) {
    throw new SystemFailure(
      `Kafka is assembled by Maven, which does not run here (${reasonOf(error)}): install Maven and put mvn on the PATH`,
      { cause: error },
    );
  }
};

/** The JVM's arguments up to and without the main class; `heapMb` is in mebibytes. */
export const jvmArguments = (workerDir: string, heapMb: number, properties: Readonly<Record<string, string>> = {}) => [
  `-Xmx${heapMb}m`,
  '-XX:+UseSerialGC',
  // The first compiler alone: a start in half the time, and enough speed for one machine.
  '-XX:TieredStopAtLevel=1',
  // Without it each JVM leaves a file of counters in the shared /tmp.
  '-XX:-UsePerfData',
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=${pathToFileURL(kafkaFile('log4j2.properties')).href}`,
  ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
  '-cp',
  join(workerDir, '*'),
];

/**
 * The text of a .properties file. Back slashes and line ends are escaped, as `java.util.Properties.load` reads them.
 */
export const propertiesText = (settings: Readonly<Record<string, string | number | boolean>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${escaped(String(value))}\n`)
    .join('');

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replace(/^\s/, '\\$&');
