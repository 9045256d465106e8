// Every compression that Kafka knows, for kafkajs, which knows gzip only. Each batch of an answer is read before kafkajs meets it, and a
// codec of kafkajs hands on what was read. A message set, as Kafka before 0.11 wrote it, is decompressed when kafkajs asks for it.
import kafkajs from 'kafkajs';
import fetchRequests from 'kafkajs/src/protocol/requests/fetch/index.js';
import { codecs, compressGzip, decompress, decompressionFault } from './codecs/compression.ts';
import { firstVersionWithBatches, readAnswer, recordsRead } from './read-answer.ts';

export interface CodecLimits {
  /** What one batch may hold, decompressed. */
  readonly batchBytesMax: number;
}

const makersOfKafkajs = fetchRequests.protocol;

/** For the whole process: kafkajs has one table of codecs. Without `compress`: nothing here writes to topics. */
export function registerCodecs(limits: CodecLimits): void {
  const table = kafkajs.CompressionCodecs as Record<number, () => object>;
  for (let id = 1; id < codecs.length; id += 1) {
    const codec = {
      compress: ({ buffer }: { readonly buffer: Buffer }) => {
        if (id === kafkajs.CompressionTypes.GZIP) return compressGzip(buffer);
        throw new Error(`${codecs[id]?.name} is only read here: write with gzip, or without compression.`);
      },
      decompress: async (records: Buffer) => recordsRead(records) ?? decompressedMessages(id, records, limits),
    };
    table[id] = () => codec;
  }
  readAnswersFirst(limits);
}

/** kafkajs has no hook for this: what makes its requests of Fetch is replaced by what makes them and reads their answers. */
function readAnswersFirst({ batchBytesMax }: CodecLimits): void {
  fetchRequests.protocol = ({ version }) => {
    const make = makersOfKafkajs({ version });
    if (version < firstVersionWithBatches) return make;
    return (options) => {
      const made = make(options);
      const decode = async (answer: Buffer) => {
        await readAnswer(answer, { version, batchBytesMax });
        return made.response.decode(answer);
      };
      return { ...made, response: { ...made.response, decode } };
    };
  };
}

/** @throws Error for a message set that cannot be decoded: it does not say how many messages it has */
async function decompressedMessages(id: number, messages: Buffer, { batchBytesMax }: CodecLimits): Promise<Buffer> {
  try {
    return await decompress(id, messages, batchBytesMax);
  } catch (error) {
    throw new Error(
      `a message set (${codecs[id]?.name}) in the format of Kafka before 0.11 cannot be decoded: ${decompressionFault(error, batchBytesMax)}`,
      { cause: error },
    );
  }
}
