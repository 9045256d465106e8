// What broker and worker have in common: the flags of a small, quickly started JVM, and .properties files.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kafkaFile } from '../own-folder.ts';

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
