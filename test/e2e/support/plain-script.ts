// A stranger's script: nothing but Node and the MongoDB driver. It inserts the event it is given and ends.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const limitMs = 30_000;

const script = `
import { createRequire } from 'node:module';
const [root, uri, database, collection, text] = process.argv.slice(2);
const { MongoClient } = createRequire(root)('mongodb');
const event = JSON.parse(text);
const client = await MongoClient.connect(uri);
await client.db(database).collection(collection).insertOne({ ...event, time: new Date(event.time) });
await client.close();
`;

/** @throws Error with what the script printed when it fails */
export async function insertByPlainScript(uri: string, database: string, collection: string, event: object) {
  const folder = await mkdtemp(join(tmpdir(), 'foldline-script-'));
  const file = join(folder, 'insert.mjs');
  try {
    await writeFile(file, script);
    const args = [file, resolve('package.json'), uri, database, collection, JSON.stringify(event)];
    await promisify(execFile)(process.execPath, args, { timeout: limitMs });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
