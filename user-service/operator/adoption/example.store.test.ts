// Goal: the example of docs/adopt-users.md comes out as the page shows it. Method: the page quotes these lines; the documents are put
// there, and the command is run.
import { MongoClient } from 'mongodb';
import { type ImportWorld, openImportWorld } from '../testing/verb-runs.ts';

jest.setTimeout(60_000);

let world: ImportWorld;
let client: MongoClient;
beforeAll(async () => {
  world = await openImportWorld({}, ['adopt']);
  client = await new MongoClient(world.env.MONGODB_URI as string).connect();
});
afterAll(async () => {
  await client.db('legacy').dropDatabase();
  await client.close();
  await world.close();
});

/** The lines between the marks that the page needs. */
const linesOf = (text: string) => text.split('\n').slice(2, -2);

const documents = linesOf(`
// #region documents
{"_id": "018f3a1c-0000-7000-8000-00000000000a", "profile": {"first": "Ada", "last": "Lovelace"}, "mails": ["ada@example.org"], "since": "2024-03-01T09:00:00Z"}
{"_id": 2, "profile": {"first": "Grace", "last": "Hopper"}, "mails": ["grace@example.org", "g.hopper@example.org"]}
{"_id": 3, "profile": {"first": "Ada"}, "mails": ["Grace@Example.org"]}
{"_id": 4, "profile": {"first": "Alan", "last": 7}, "mails": []}
// #endregion
`);

const report = linesOf(`
// #region report
legacy.customers
documents read             4
adopted                    2
adopted by an earlier run  0
skipped: address taken     1
skipped: id taken          0
skipped: unfit             1
skipped 3: it would be user b290d73b-dcb4-5adc-8eea-8ebcf4b09600, and its address is held by user 07d4d728-768b-5c07-afd4-471f5be64b82
skipped 4: lastName: is no text (number)
report, adopted and skipped documents: .foldline/imports/adopt-legacy.customers
// #endregion
`);

test('the report', async () => {
  await client
    .db('legacy')
    .collection('customers')
    .insertMany(documents.map((line) => JSON.parse(line)));
  const map = '{"firstName":"profile.first","lastName":"profile.last","email":"mails.0","createdAt":"since"}';
  const { out } = await world.run(['--from', 'legacy.customers', '--map', map]);
  expect(out.replace(String(world.env.DATA_DIR), '.foldline')).toBe(report.join('\n'));
});
