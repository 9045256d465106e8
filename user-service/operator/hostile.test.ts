// Goal: nothing in the names and documents of an export or a collection is obeyed by the terminal of an import or an adoption.
// Method: whole command lines that end before a database is asked, and the reports of those that ran, printed by the real output.
import { runCli } from 'foldline/admin';
import { hostileText as hostile, keptOutput, obeyedIn } from 'foldline/testing/workspace';
import { verbs } from './admin.ts';
import { adoptionText, createTally } from './adoption/adoption-report.ts';
import { type Preview, previewText } from './import/preview.ts';

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { output, said } = keptOutput();
  const code = await runCli(args, { env, ...output, confirm: undefined }, { verbs });
  return { code, ...said() };
}

const people = ['--people', hostile, '--events', hostile];
const map = '{"email":"mail","name":"name"}';

test.each<[string, readonly string[]]>([
  ['files of an import', ['identities', 'import', ...people, '--yes']],
  ['its kind', ['identities', 'import', ...people, '--kind', hostile, '--yes']],
  ['a collection', ['adopt', '--from', hostile, '--map', map]],
  ['a map that is no JSON', ['adopt', '--from', 'a.b', '--map', hostile]],
  ['a map with a key', ['adopt', '--from', 'a.b', '--map', JSON.stringify({ [hostile]: 'a' })]],
  ['a map with a path', ['adopt', '--from', 'a.b', '--map', JSON.stringify({ email: { a: hostile } })]],
])('the name of %s', async (_, args) => {
  const { code, out, err } = await run(args, { MONGODB_URI: hostile, DATA_DIR: hostile });
  expect([code === 1 || code === 2, out, err === '']).toEqual([true, '', false]);
  expect(obeyedIn(err)).toEqual([]);
});

test('documents that were skipped, and reasons for which lines were refused', () => {
  const tally = createTally();
  tally.count(hostile, { outcome: 'unfit', field: 'email', detail: hostile });
  tally.count(hostile, { outcome: 'email-taken', userId: hostile, holder: hostile });
  const now = new Date(0);
  const report = tally.report({ from: hostile, map: {} as never, dryRun: true, startedAt: now, finishedAt: now });
  const figures = { newPeople: 1, withoutProfile: 0, knownPeople: 0, storedBefore: 0, sharingAnAddress: 0 };
  const refusals = { people: { [hostile]: 1 }, events: { [hostile]: 2 } };
  const preview = { id: hostile, ...figures, mergesToCome: 0, events: 1, refusals } as unknown as Preview;
  const { output, said } = keptOutput();
  output.stdout([...adoptionText(report, hostile, output.colors), ...previewText(preview)]);
  expect(said().out.match(/a\\u001b\[2J/g)?.length).toBeGreaterThan(6);
  expect(obeyedIn(said().out)).toEqual([]);
});
