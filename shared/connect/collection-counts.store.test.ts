// Goal: what a connector copies is counted as its copy pipeline says, and where that cannot be known, nothing is said.
// Method: a real store; one file with several pipelines.
import { openTestDatabase, type TestDatabase, testMongodbUri } from '../testing/workspace/index.ts';
import { countDocuments } from './collection-counts.ts';
import { type ConnectorFile, parseConnectors } from './connector-file.ts';
import { connectorShape, connectorText, merged } from './testing/connector-text.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
  const states = ['active', 'active', 'deleted', 'absent'];
  await database.db.collection('Users').insertMany(states.map((state) => ({ state, parts: [1, 2] })));
});
afterAll(() => database.close());

function fileWith(config: object): ConnectorFile {
  const here = { database: database.db.databaseName, ...config };
  const text = connectorText(merged(connectorShape('user-snapshots'), { config: here }));
  return parseConnectors('user-snapshots.json', text).files[0] as ConnectorFile;
}

const pipeline = (stages: string | null) => ({ 'startup.mode.copy.existing.pipeline': stages });

test.each<[string, object, number | undefined]>([
  ['as the shipped file says', {}, 3],
  ['without a pipeline', pipeline(null), 4],
  ['with stages that change documents only', pipeline('[{"$unset":["_id"]},{"$project":{"state":1}}]'), 4],
  ['with a stage that makes more of one', pipeline('[{"$unwind":"$parts"}]'), 8],
  ['of a collection that is not there', { collection: 'Nobody', ...pipeline(null) }, 0],
  ['with a pipeline that is none', pipeline('[{'), undefined],
  ['with a stage that is none', pipeline('[{"$mach":{}}]'), undefined],
  ['with a regex of namespaces', { 'startup.mode.copy.existing.namespace.regex': 'other' }, undefined],
])('%s', async (_what, config, count) => {
  const counted = await countDocuments(testMongodbUri(), [fileWith(config)], 5_000);
  expect(counted.get('user-snapshots')).toBe(count);
});

test('of a server that is away nothing is known', async () => {
  expect((await countDocuments('mongodb://127.0.0.1:1/', [fileWith({})], 200)).size).toBe(0);
});
