// Goal: no jar is used that is not the pinned one. Method: lists that differ in each possible way, and the list of the repository.
import { readFile } from 'node:fs/promises';
import { kafkaFile } from './own-folder.ts';
import { checksumFaults, parseChecksums, sha256OfTexts } from './sha256.ts';

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];

test('equal lists have no faults; missing, changed and unknown files are each named', () => {
  const pinned = parseChecksums(`${a}  worker/one.jar\n${b}  worker/two.jar\n`);
  expect(checksumFaults(pinned, new Map(pinned))).toEqual([]);
  const found = new Map([
    ['worker/two.jar', a],
    ['worker/three.jar', a],
  ]);
  expect(checksumFaults(pinned, found)).toEqual([
    'worker/one.jar is missing',
    `worker/two.jar has SHA-256 ${a} where ${b} is pinned`,
    'worker/three.jar is not in the list',
  ]);
});

test('a line of another form is refused', () => {
  expect(() => parseChecksums('abc  worker/one.jar')).toThrow('the checksum line "abc  worker/one.jar" is not');
});

test('moving text from one part to the next changes the hash', () => {
  expect(sha256OfTexts('ab', 'c')).not.toBe(sha256OfTexts('a', 'bc'));
});

test('the list of the repository names the versions of pom.xml, and the plugin holds no jar of the worker', async () => {
  const pinned = parseChecksums(await readFile(kafkaFile('checksums.sha256'), 'utf8'));
  const pom = await readFile(kafkaFile('pom.xml'), 'utf8');
  const version = (name: string) => new RegExp(`<${name}.version>(.+)</`).exec(pom)?.[1];
  expect(pinned.has(`worker/kafka_2.13-${version('kafka')}.jar`)).toBe(true);
  expect(pinned.has(`worker/connect-runtime-${version('kafka')}.jar`)).toBe(true);
  const plugin = 'plugins/mongo-kafka-connect/';
  expect(pinned.has(`${plugin}mongo-kafka-connect-${version('mongo-kafka')}.jar`)).toBe(true);
  expect(pinned.has(`${plugin}mongodb-driver-sync-${version('mongodb-driver')}.jar`)).toBe(true);
  const inPlugin = [...pinned.keys()]
    .filter((path) => path.startsWith(plugin))
    .map((path) => path.slice(plugin.length));
  expect(
    inPlugin.filter((jar) => /^(kafka-clients|connect-api|slf4j|snappy|zstd|lz4|jackson|jakarta)/.test(jar)),
  ).toEqual([]);
});
