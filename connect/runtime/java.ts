// Finds the Java that runs broker and worker, and the Maven that assembles their jars.
import { join } from 'node:path';
import { reasonOf } from '@foldline/shared/engine';
import { runCommand } from './commands.ts';
import { withoutSecrets } from './config.ts';
import { RuntimeFailure } from './failure.ts';

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
 * @throws RuntimeFailure when neither is there, or both are older than 17
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
  throw new RuntimeFailure(
    `Kafka needs Java ${OLDEST_JAVA} or later (${refused.join('; ')}): install it and put it on the PATH, or set JAVA_HOME`,
  );
};

/**
 * The major version in the output of `java -version`: 17 for "17.0.15", 8 for "1.8.0_402".
 *
 * @throws RuntimeFailure when there is no version in it
 */
export const javaMajor = (output: string): number => {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (!first) throw new RuntimeFailure('it does not print the version of a Java');
  return first === '1' && second ? Number(second) : Number(first);
};

/**
 * The name of a Maven that runs.
 *
 * @throws RuntimeFailure when there is none on the PATH
 */
export const findMaven = async (): Promise<string> => {
  try {
    await runCommand({ command: 'mvn', args: ['--version'], env: withoutSecrets(), timeoutMs: VERSION_LIMIT_MS });
    return 'mvn';
  } catch (error) {
    throw new RuntimeFailure(
      `Kafka is assembled by Maven, which does not run here (${reasonOf(error)}): install Maven and put mvn on the PATH`,
      { cause: error },
    );
  }
};
