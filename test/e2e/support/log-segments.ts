// The log segments of a broker on this machine: which compression their batches have, and how a broken disk would leave one of them.
// A broker hands out what stands in the file; it does not look into a batch that it has taken.
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface StoredBatch {
  readonly partition: number;
  readonly first: number;
  /** As its number in the header: 0 for none, then gzip, snappy, lz4, zstd. */
  readonly codec: number;
  readonly file: string;
  /** Of its records in the file. */
  readonly begin: number;
  readonly end: number;
}

const headerBytes = 61;

/** Of all partitions of a topic, in order inside each. @param kafkaFolder as `folders.kafka` of a system */
export async function storedBatches(kafkaFolder: string, topic: string): Promise<StoredBatch[]> {
  const log = join(kafkaFolder, 'log');
  const folders = (await readdir(log)).filter((name) => new RegExp(`^${topic}-\\d+$`).test(name));
  const batches = await Promise.all(
    folders.map(async (folder) => {
      const partition = Number(folder.slice(topic.length + 1));
      const segments = (await readdir(join(log, folder))).filter((name) => name.endsWith('.log')).sort();
      return Promise.all(segments.map((segment) => batchesIn(join(log, folder, segment), partition)));
    }),
  );
  return batches.flat(2);
}

async function batchesIn(file: string, partition: number): Promise<StoredBatch[]> {
  const bytes = await readFile(file);
  const batches: StoredBatch[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const end = at + 12 + bytes.readInt32BE(at + 8);
    const first = Number(bytes.readBigInt64BE(at));
    const codec = bytes.readInt16BE(at + 21) & 7;
    if (end > at + 12) batches.push({ partition, first, codec, file, begin: at + headerBytes, end });
    if (end <= at + 12) break;
    at = end;
  }
  return batches;
}

/** Turns the bits of one byte in the middle of its records. */
export async function breakBatch({ file, begin, end }: StoredBatch): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const at = Math.floor((begin + end) / 2);
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, at);
    await handle.write(Buffer.from([(byte[0] as number) ^ 0xff]), 0, 1, at);
  } finally {
    await handle.close();
  }
}
