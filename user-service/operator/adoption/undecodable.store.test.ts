// Goal: a document of theirs that cannot be decoded is skipped with its id and reason, and everybody else is adopted, in any batch.
// Method: whole command lines on a real store; the bytes are inserted as a driver would that checks nothing.
import { insertUnchecked, marker, remedyBlocks } from 'foldline/testing/workspace';
import { BSONRegExp, type Document, ObjectId } from 'mongodb';
import { type AdoptionWorld, openAdoptionWorld } from './testing/adoption-world.ts';

jest.setTimeout(60_000);

let world: AdoptionWorld;
beforeEach(async () => {
  world = await openAdoptionWorld({ ADOPT_BATCH_DOCUMENTS_MAX: '3' });
});
afterEach(() => world.close());

const map = { firstName: 'profile.first', email: 'mails.0' };
const person = (n: number, more: Document = {}): Document => ({
  _id: n,
  profile: { first: `Ada ${n}` },
  mails: [`ada.${n}@example.org`],
  ...more,
});
/** Latin-1, as a program wrote it that knows no other: é, è, à, ö. */
const latin1 = [0xe9, 0xe8, 0xe0, 0xf6];

async function insertLatin1(...documents: Document[]): Promise<void> {
  const { dbName: db, collectionName: collection } = world.theirs;
  await insertUnchecked(world.env.MONGODB_URI as string, { db, collection }, documents, latin1);
}

test('troubleshooting: adopt skips a document: is no valid UTF-8', async () => {
  await world.theirs.insertMany([1, 2, 4, 5].map((n) => person(n)));
  await insertLatin1(person(3, { profile: { first: `Ren${marker}` } }));
  const skipped = [{ document: '3', outcome: 'unfit', field: 'firstName', detail: 'is no valid UTF-8' }];
  expect(await world.report([...world.args(map), '--dry-run'])).toMatchObject({ adopted: 4, unfit: 1, skipped });
  expect(await world.report(world.args(map))).toMatchObject({ documents: 5, adopted: 4, unfit: 1, skipped });
  expect(await world.leftOf('skipped.ndjson')).toEqual(skipped);

  const [remedy = ''] = remedyBlocks('adopt skips a document: is no valid UTF-8');
  const customers = (command: string) => new Function('db', `return ${command}`)({ customers: world.theirs });
  await customers(remedy.replace('_id: 7', '_id: 3').trim());
  expect(await world.report(world.args(map))).toMatchObject({ adopted: 1, adoptedBefore: 4, unfit: 0 });
  expect(await world.events.distinct('data.firstName')).toContain('René');
});

const id = new ObjectId();
test.each<[string, Document, Document]>([
  ['a text of a list', person(7, { mails: [`${marker}@x.org`] }), { document: '7', field: 'email' }],
  [
    'a text beside those of the map',
    person(7, { profile: { first: 'A', last: marker } }),
    { document: '7', field: 'map' },
  ],
  ['a nested key', person(7, { profile: { first: 'A', [`l${marker}`]: 1 } }), { document: '7', field: 'map' }],
  [
    'a driver id',
    person(0, { _id: id, profile: { first: marker } }),
    { document: `{"$oid":"${id}"}`, field: 'firstName' },
  ],
  ['its own _id', person(0, { _id: `a${marker}` }), { document: '"a\ufffd\ufffd\ufffd\ufffd"', field: 'id' }],
  ['a field of its _id', person(0, { _id: { name: marker } }), { field: 'id' }],
])('hazard: invalid UTF-8 in %s is that document alone', async (_, document, skipped) => {
  await world.theirs.insertMany([1, 2, 3, 4, 100].map((n) => person(n)));
  await insertLatin1(document);
  const report = await world.report(world.args(map));
  expect(report).toMatchObject({ documents: 6, adopted: 5, unfit: 1, skipped: [{ outcome: 'unfit', ...skipped }] });
});

test('what is not named by the map is not looked at, and a value that the driver has no form for is skipped', async () => {
  await insertLatin1(person(1, { note: marker }));
  // A pattern that is none for JavaScript.
  await world.theirs.insertOne(person(2, { profile: { first: 'Ada 2', pattern: new BSONRegExp('(?>a)') } }));
  expect(await world.report(world.args(map))).toMatchObject({ adopted: 1, unfit: 1 });
});

test('a document that was adopted before it lost its text stays adopted', async () => {
  await world.theirs.insertMany([person(1), person(2)]);
  expect(await world.report(world.args(map))).toMatchObject({ adopted: 2 });
  await world.theirs.deleteOne({ _id: 1 } as Document);
  await insertLatin1(person(1, { profile: { first: marker } }));
  expect(await world.report(world.args(map))).toMatchObject({ adoptedBefore: 2, unfit: 0 });
});

test('where every document lost its text, each is told and nobody is adopted', async () => {
  await insertLatin1(person(1, { profile: { first: marker } }), person(2, { profile: { first: marker } }));
  expect(await world.report(world.args(map))).toMatchObject({ documents: 2, adopted: 0, unfit: 2 });
});
