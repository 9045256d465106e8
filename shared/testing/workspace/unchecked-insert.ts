// Inserts documents as a driver that checks no text would: the command leaves as bytes, in which a marker was replaced.
// The MongoDB driver of this repository cannot do that, because it makes valid UTF-8 of every text.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Document } from 'mongodb';

/** Stands in a text or a key, for the bytes that are put in its place. */
export const marker = '!!!!';

const messageOp = 2013;

/**
 * @param bytes four of them, in place of each `marker` in the documents
 * @throws Error when the server refuses a document, or no marker stands in the documents
 */
export async function insertUnchecked(
  uri: string,
  namespace: { readonly db: string; readonly collection: string },
  documents: readonly Document[],
  bytes: readonly number[],
): Promise<void> {
  // Loaded here, so that a test without a database does not pay for the driver.
  const { BSON } = await import('mongodb');
  const command = { insert: namespace.collection, $db: namespace.db, documents: [...documents] };
  const body = withBytes(BSON.serialize(command, { ignoreUndefined: true }), bytes);
  const { host, port } = await primaryOf(uri);
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    socket.write(Buffer.concat([headerOf(body.length), body]));
    const reply = BSON.deserialize((await messageFrom(socket)).subarray(21));
    if (reply.ok !== 1 || reply.writeErrors) throw new Error(`The insert was refused: ${JSON.stringify(reply)}`);
  } finally {
    socket.destroy();
  }
}

function withBytes(serialized: Uint8Array, bytes: readonly number[]): Buffer {
  const body = Buffer.from(serialized);
  if (bytes.length !== marker.length) throw new Error(`${bytes.length} bytes cannot stand in place of ${marker}.`);
  if (!body.includes(marker)) throw new Error(`${marker} stands nowhere in the documents.`);
  for (let at = body.indexOf(marker); at >= 0; at = body.indexOf(marker, at)) body.set(bytes, at);
  return body;
}

/** Length, request id, response to, operation, flags, and the kind of the one section. */
function headerOf(bodyBytes: number): Buffer {
  const header = Buffer.alloc(21);
  header.writeInt32LE(21 + bodyBytes, 0);
  header.writeInt32LE(1, 4);
  header.writeInt32LE(messageOp, 12);
  return header;
}

async function messageFrom(socket: AsyncIterable<Buffer>): Promise<Buffer> {
  let message = Buffer.alloc(0);
  for await (const chunk of socket) {
    message = Buffer.concat([message, chunk]);
    if (message.length >= 4 && message.length >= message.readInt32LE(0)) return message;
  }
  throw new Error('The server closed the connection.');
}

async function primaryOf(uri: string): Promise<{ host: string; port: number }> {
  const { MongoClient } = await import('mongodb');
  const client = await new MongoClient(uri).connect();
  try {
    const { primary } = await client.db('admin').command({ hello: 1 });
    const [host, port] = String(primary).split(':');
    return { host: host as string, port: Number(port) };
  } finally {
    await client.close();
  }
}
