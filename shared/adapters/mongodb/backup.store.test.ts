// Goal: what was backed up can be brought back as it was. Method: documents with values of every number type are written as
// lines, read by the driver's own parser, inserted into another collection, and both are compared byte for byte.
import { BSON, type Document, Long } from 'mongodb';
import { eventOf, newSubject } from '../../testing/index.ts';
import {
  insertUnchecked,
  marker,
  openTestDatabase,
  type TestDatabase,
  testMongodbUri,
} from '../../testing/workspace/index.ts';
import { documentLines } from './backup.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const bytesOf = async (name: string) => {
  const found = await database.db.collection(name).find({}, { raw: true }).sort({ _id: 1 }).toArray();
  return found.map((document) => (document as unknown as Buffer).toString('hex'));
};

test('lines of canonical Extended JSON bring a collection back, types of numbers included', async () => {
  const numbers = { int: new BSON.Int32(1), double: new BSON.Double(1), long: Long.fromString('9007199254740993') };
  const events = [
    { ...eventOf({ subject: newSubject('thing'), claims: ['a'] }), data: { numbers } },
    { nothing: null },
  ];
  await database.db.collection<Document>('One').insertMany(events);
  const lines: string[] = [];
  for await (const line of documentLines(database.db.collection('One'))) lines.push(line);
  expect(lines.map((line) => line.split('\n').length)).toEqual([1, 1]);
  await database.db
    .collection<Document>('Two')
    .insertMany(lines.map((line) => BSON.EJSON.parse(line, { relaxed: false })));
  expect(await bytesOf('Two')).toEqual(await bytesOf('One'));
});

test('a document that no line can hold is named before anything else is done with the backup', async () => {
  const namespace = { db: database.db.databaseName, collection: 'Spoilt' };
  await insertUnchecked(testMongodbUri(), namespace, [{ _id: 7, data: { name: marker } }], [0x61, 0xff, 0xfe, 0x61]);
  const all = async () => {
    for await (const line of documentLines(database.db.collection('Spoilt'))) expect(line).toBeDefined();
  };
  await expect(all()).rejects.toThrow(/^The document 7 of Spoilt cannot be backed up: data\.name holds /);
});

test.each<[string, Document, RegExp]>([
  ['an attribute that nobody reads', { tenant: marker }, /: tenant holds U\+FFFD/],
  ['a key, which the driver does not check', { data: { [`k${marker}`]: 1 } }, /: a key is no valid UTF-8/],
])('invalid UTF-8 in %s is named too, and not written as another text', async (_, more, said) => {
  const [name, namespace] = [`Lost${Object.keys(more)[0]}`, { db: database.db.databaseName }];
  const document = { _id: 7, ...eventOf({ subject: newSubject('thing') }), ...more };
  await insertUnchecked(testMongodbUri(), { ...namespace, collection: name }, [document], [0x61, 0xff, 0xfe, 0x61]);
  await expect(documentLines(database.db.collection(name)).next()).rejects.toThrow(said);
});

test('U+FFFD that is stored as such is backed up, in a key too', async () => {
  await database.db.collection<Document>('Kept').insertOne({ _id: 7 as never, data: { 'k\ufffd': '\ufffd' } });
  const { value } = await documentLines(database.db.collection('Kept')).next();
  expect(JSON.parse(value as string).data).toEqual({ 'k\ufffd': '\ufffd' });
});

test('a collection that does not exist has no lines', async () => {
  const lines: string[] = [];
  for await (const line of documentLines(database.db.collection('Nowhere'))) lines.push(line);
  expect(lines).toEqual([]);
});
