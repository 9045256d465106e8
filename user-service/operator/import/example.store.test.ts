// Goal: the example of docs/import-identities.md comes out as the page shows it. Method: the page quotes these lines; they are imported.
import { type ImportWorld, openImportWorld } from '../testing/verb-runs.ts';

jest.setTimeout(60_000);

let world: ImportWorld;
beforeAll(async () => {
  world = await openImportWorld();
});
afterAll(() => world.close());

/** The lines between the marks that the page needs. */
const linesOf = (text: string) => text.split('\n').slice(2, -2);

const people = linesOf(`
// #region people
{"$distinct_id": 42, "$properties": {"$name": "Ada Lovelace", "$email": "ada@example.org", "$created": "2024-03-01T09:00:00"}}
{"$distinct_id": "ada@example.org", "$properties": {"$first_name": "Ada", "$email": "Ada@Example.org"}}
{"$distinct_id": "42", "$properties": {"$name": "A. Lovelace"}}
{"$distinct_id": null, "$properties": {"$name": "Nobody"}}
// #endregion
`);

const events = linesOf(`
// #region events
{"event": "Signed up", "properties": {"distinct_id": 42, "time": 1709283600, "$insert_id": "a1"}}
{"event": "Bought", "properties": {"distinct_id": "ada@example.org", "time": 1717232400, "$insert_id": "b2", "price": 12.5}}
{"event": "Bought", "properties": {"distinct_id": "42", "time": 1717232400000, "$insert_id": "b2", "price": 12.5}}

{"event": "Opened", "properties": {"distinct_id": "visitor-7", "time": 1717232401}}
{"event": "Opened", "properties": {"distinct_id": 42, "time": "yesterday"}}
// #endregion
`);

const preview = linesOf(`
// #region preview
import 98dd2c2a87cdd27d
new people                              3
  of them named by events only          1
people known already                    0
people stored by an earlier run         0
people who share an address             2
merges to come                          1
events, repeats included                4
refused in people: distinct-id-illegal  1
refused in events: time-invalid         1
// #endregion
`);

const report = linesOf(`
// #region report
import 98dd2c2a87cdd27d  read  stored  repeats  refused  blank
people                      4       2        1        1      0
events                      6       3        1        1      1
merges 1
people named by events only 1
conserved: each line is counted once, and the store holds what the figures say
report, refused lines and backup: .foldline/imports/98dd2c2a87cdd27d
// #endregion
`);

const refused = linesOf(`
// #region refused
{"file":"people","line":4,"reason":"distinct-id-illegal"}
{"file":"events","line":6,"reason":"time-invalid"}
// #endregion
`);

test('the preview, the report and the refused lines', async () => {
  const args = await world.files(people, events);
  expect((await world.run([...args, '--dry-run'])).out).toBe(preview.join('\n'));
  const { out } = await world.run(args);
  expect(out.replace(String(world.env.DATA_DIR), '.foldline')).toBe(report.join('\n'));
  const { id } = await world.report(args);
  expect(await world.left(id, 'refused.ndjson')).toEqual(refused.map((line) => JSON.parse(line)));
});
