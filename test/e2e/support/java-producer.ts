// Messages as Kafka's own producer writes them, the one in Java, with the compression that it is told.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { assembledJars, findJava, systemSettings } from '@foldline/system';

const limitMs = 60_000;

export interface KeyedMessage {
  readonly key: string;
  /** Without a tab or a line break. */
  readonly value: string;
}

/** Returns once the broker has them. @throws Error with what the producer printed */
export async function produceByJava(
  brokers: string,
  topic: string,
  codec: string,
  messages: readonly KeyedMessage[],
): Promise<void> {
  const { cacheDir, javaHome } = systemSettings();
  const [java, jars] = await Promise.all([findJava({ javaHome }), assembledJars(cacheDir)]);
  if (jars === null) throw new Error('The jars of Kafka are not there.');
  const args = [
    '-Xmx128m',
    '-XX:TieredStopAtLevel=1',
    '-cp',
    join(jars.workerDir, '*'),
    'org.apache.kafka.tools.ConsoleProducer',
    '--bootstrap-server',
    brokers,
    '--topic',
    topic,
    '--compression-codec',
    codec,
    '--reader-property',
    'parse.key=true',
  ];
  await new Promise<void>((resolve, reject) => {
    const running = execFile(java.path, args, { timeout: limitMs }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stdout}${stderr}`));
      else resolve();
    });
    running.stdin?.end(messages.map(({ key, value }) => `${key}\t${value}\n`).join(''));
  });
}
