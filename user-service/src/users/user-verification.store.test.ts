// Goal: on a real store the snapshots are proved against the events, and others can compare their copies with what the events say,
// whatever the snapshots say. Method: a plain driver tampers with snapshots; everything is asked for over HTTP.
import { createHash } from 'node:crypto';
import { canonicalJson } from 'foldline/engine';
import { bucketOf } from 'foldline/operations';
import { foundIn, until, verifyBy } from 'foldline/testing/workspace';
import { type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';
import { insertAsStranger } from '../testing/strangers-events.ts';

let service: StartedUserService;
beforeEach(async () => {
  service = await startTestUserService({ VERIFICATION_SETTLE_MS: '20' });
});
afterEach(() => service.close());

const verify = (repair = false) => verifyBy(service.call, 'users', repair);
const all = () => service.snapshots.find().sort({ _id: 1 }).toArray();

/** A user with three versions whose snapshot is there. */
async function newUser(): Promise<string> {
  const { id } = await service.createUser();
  await service.call(`PATCH /users/${id}`, { firstName: 'Augusta', lastName: 'King' });
  await service.snapshotAt(id, 3);
  return id;
}

test('what a hand did to the snapshots is named; a repair changes exactly that', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, newUser));
  // The newest event is of a user that no hand touches: a verification waits for its arrival, which a copy set back would never show.
  await newUser();
  const [changed, setBack, raised, forked] = ids.map((id) => `user-${id}`) as [string, string, string, string];
  const right = await all();
  const extra = `user-${crypto.randomUUID()}`;
  const set = (_id: string, $set: object) => service.snapshots.updateOne({ _id }, { $set });
  await set(changed, { 'data.email': 'by-hand@example.org' });
  await set(setBack, { version: 1, note: 'by hand' });
  await set(raised, { version: 12 });
  await set(forked, { eventsDigest: 'f'.repeat(64) });
  await service.snapshots.insertOne({ ...(right[0] as (typeof right)[0]), _id: extra });
  const expected = {
    [changed]: 'different',
    [setBack]: 'behind',
    [raised]: 'ahead',
    [forked]: 'forked',
    [extra]: 'extra',
  };

  const looked = await verify();
  expect([looked.state, foundIn(looked)]).toEqual(['different', expected]);
  const repaired = await verify(true);
  expect([repaired.state, foundIn(repaired)]).toEqual(['repaired', expected]);
  expect(await all()).toEqual(right);
  expect((await verify()).state).toBe('equal');
});

test('merged, deleted, imported and strange users are equal to what their events make', async () => {
  const [survivor, absorbed] = [await newUser(), await newUser()];
  await service.call('POST /identity-merges', { survivorId: survivor, absorbedId: absorbed, reason: 'one person' });
  await service.call(`DELETE /users/${(await service.createUser()).id}`);
  const stranger = crypto.randomUUID();
  await insertAsStranger(service.events, stranger, { type: 'somethingHappened_v1', data: { a: 1 } });
  await until(async () => (await service.snapshots.countDocuments({ _id: `user-${stranger}` })) === 1);
  expect(await verify()).toMatchObject({ state: 'equal', findings: [] });
});

interface Entry {
  readonly subject: string;
  readonly version: number;
  readonly contentDigest: string;
}
const entriesOf = async (query: string) =>
  (await service.call(`GET /verification/users?${query}`)).body as unknown as { entries: Entry[] };

test('an entry says what the events make, in the form that copies share, whatever the snapshot says', async () => {
  const [id, other] = [await newUser(), await newUser()];
  const subject = `user-${id}`;
  const { email } = (await service.call(`GET /users/${id}`)).body as unknown as { email: string };
  const snapshot = await service.snapshots.findOne({ _id: subject });
  const form = {
    subject,
    version: 3,
    state: 'active',
    firstName: 'Augusta',
    lastName: 'King',
    email,
    eventsDigest: snapshot?.eventsDigest,
  };
  const contentDigest = createHash('sha256').update(canonicalJson(form)).digest('hex');
  await service.snapshots.updateOne({ _id: subject }, { $set: { version: 2, 'data.firstName': 'Ada' } });
  await service.snapshots.deleteOne({ _id: `user-${other}` });
  const { entries } = await entriesOf('bits=0&bucket=0');
  expect(entries.map((one) => one.subject).sort()).toEqual([`user-${other}`, subject].sort());
  expect(entries.find((one) => one.subject === subject)).toMatchObject({ version: 3, contentDigest });
});

test('digests of all buckets tell how many documents are in each; entries are those of the buckets asked for', async () => {
  const subjects = (await Promise.all(Array.from({ length: 20 }, newUser))).map((id) => `user-${id}`);
  const { body } = await service.call('GET /verification/users?bits=2');
  const { bits, documents, buckets } = body as unknown as {
    bits: number;
    documents: number;
    buckets: { bucket: number; documents: number }[];
  };
  expect([bits, documents]).toEqual([2, 20]);
  for (const { bucket, documents: count } of buckets)
    expect(count).toBe(subjects.filter((subject) => bucketOf(subject, 2) === bucket).length);
  const { entries } = await entriesOf('bits=2&bucket=0,3');
  expect(entries.map((one) => one.subject).sort()).toEqual(
    subjects.filter((subject) => [0, 3].includes(bucketOf(subject, 2))).sort(),
  );
});

// The hazard: copies that stand still with the snapshots have the same digests, and were told to be equal to their source.
test('digests are of snapshots that have caught up, or there are none', async () => {
  const impatient = await startTestUserService({ VERIFICATION_SETTLE_LIMIT_MS: '200' });
  const { id } = await impatient.createUser();
  await impatient.snapshotAt(id, 1);
  await impatient.call('POST /admin/projections/users/pause', {});
  await impatient.call(`PATCH /users/${id}`, { lastName: 'King' });
  const { status, body } = await impatient.call('GET /verification/users?bits=0');
  expect([status, body.code]).toEqual([503, 'overloaded']);
  expect(body.detail).toContain('The snapshots of users are behind their events');
  await impatient.call('POST /admin/projections/users/resume');
  await impatient.snapshotAt(id, 2);
  expect((await impatient.call('GET /verification/users?bits=0')).status).toBe(200);
  await impatient.close();
});

test.each([
  ['no bits', ''],
  ['too many bits', 'bits=17'],
  ['bits that are no number', 'bits=two'],
  ['a bucket beyond the bits', 'bits=2&bucket=4'],
  ['a bucket that is none', 'bits=2&bucket=1,'],
  ['51 buckets', `bits=6&bucket=${Array.from({ length: 51 }, (_, i) => i).join(',')}`],
  ['buckets given twice', 'bits=2&bucket=1&bucket=2'],
  ['another key', 'bits=2&bucket=1&all=true'],
])('a question with %s is refused', async (_, query) => {
  const { status, body } = await service.call(`GET /verification/users?${query}`);
  expect([status, body.code]).toEqual([400, 'invalid-request']);
});

describe('with tokens', () => {
  const [plain, verification, admin] = ['a', 'b', 'c'].map((letter) => letter.repeat(32));
  let guarded: StartedUserService;
  beforeAll(async () => {
    const tokens = `web=${plain},shop=${verification}:verification,ops=${admin}:admin`;
    guarded = await startTestUserService({ API_TOKENS: tokens });
  });
  afterAll(() => guarded.close());

  test.each<[string, string, object | undefined, number[]]>([
    // In the order of the callers: nobody, without a scope, with :verification, with :admin.
    ['asks for digests', 'GET /verification/users?bits=0', undefined, [401, 403, 200, 200]],
    ['asks for entries', 'GET /verification/users?bits=0&bucket=0', undefined, [401, 403, 200, 200]],
    ['reads', 'GET /users', undefined, [401, 200, 200, 200]],
    ['writes', 'POST /users', { firstName: 'Ada', lastName: '', email: 'a@b' }, [401, 201, 403, 409]],
    ['sees verifications', 'GET /admin/verifications', undefined, [401, 403, 403, 200]],
    ['begins a verification', 'POST /admin/verifications', { model: 'users' }, [401, 403, 403, 202]],
  ])('who %s', async (_, path, body, statuses) => {
    const answers: number[] = [];
    for (const token of [undefined, plain, verification, admin]) {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      answers.push((await guarded.call(path, body, headers)).status);
    }
    expect(answers).toEqual(statuses);
  });
});

test('how many are published as snapshots, and their versions: removed and absorbed ones too, those of nothing known not', async () => {
  const [survivor, absorbed, gone] = [await newUser(), await newUser(), await newUser()];
  await service.call('POST /identity-merges', { survivorId: survivor, absorbedId: absorbed, reason: 'one person' });
  await service.call(`DELETE /users/${gone}`);
  const stranger = crypto.randomUUID();
  await insertAsStranger(service.events, stranger, { type: 'somethingHappened_v1', data: { a: 1 } });
  const theirs = { subject: { $in: [survivor, absorbed, gone].map((id) => `user-${id}`) } };
  const events = () => service.events.countDocuments(theirs);
  const figures = async () =>
    (await service.call('GET /figures/users')).body as unknown as { subjects: number; versions: number };
  await until(async () => (await figures()).versions === (await events()));
  await until(async () => (await service.snapshots.countDocuments({ _id: `user-${stranger}` })) === 1);
  expect(await figures()).toEqual({ subjects: 3, versions: await events() });
});
