// Goal: 64 callers share group commits, and each gets its own right answer. Method: rivals for the same versions and claims,
// gaps, and events that are too large are mixed in; afterwards every answer is compared with what is stored.
import type { AppendResult, StoredEvent } from '../../../engine/index.ts';
import { seededRandom } from '../../../testing/index.ts';
import { openTestDatabase, type TestDatabase, testSeed } from '../../../testing/workspace/index.ts';
import { named, newThing, noted } from '../../contract/things.ts';
import { openTestStore } from './test-store.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ monitorCommands: true });
});
afterAll(() => database.close());

interface Answered {
  readonly event: StoredEvent;
  readonly result: AppendResult | { readonly kind: 'too-large' };
}

const seed = testSeed();

test(`each of 64 callers gets its own result (seed ${seed})`, async () => {
  let inserts = 0;
  database.client.on('commandStarted', ({ commandName }) => {
    if (commandName === 'insert') inserts += 1;
  });
  const { store, events } = await openTestStore(database, database.client, { eventBytesMax: 20_000 });
  const subjects = Array.from({ length: 24 }, newThing);
  const answers: Answered[] = [];

  async function append(event: StoredEvent): Promise<void> {
    const result = await store.append([event]).catch((error) => {
      if (error.code !== 'too-large') throw error;
      return { kind: 'too-large' } as const;
    });
    answers.push({ event, result });
  }

  async function caller(n: number): Promise<void> {
    const random = seededRandom(seed + n);
    for (let i = 0; i < 25; i += 1) {
      const subject = random.pick(subjects);
      const next = ((await store.heads([subject])).get(subject) ?? 0) + 1;
      const chance = random.below(20);
      if (chance === 0) await append(noted(subject, next, { data: { text: 'x'.repeat(20_000) } }));
      else if (chance === 1) await append(noted(subject, next + 2));
      else if (chance < 6) await append(named(subject, next, `name-${random.below(40)}`));
      else if (chance < 8) await append(noted(newThing(), 1));
      else await append(noted(subject, next));
    }
  }
  await Promise.all(Array.from({ length: 64 }, (_, n) => caller(n)));

  const stored = await events.find().toArray();
  const times = (id: string) => stored.filter((event) => event.id === id).length;
  for (const { event, result } of answers) {
    expect([result.kind, times(event.id)]).toEqual([result.kind, result.kind === 'stored' ? 1 : 0]);
    if (result.kind === 'claim-conflict') expect(event.claims).toContain(result.claim);
  }
  expect(stored).toHaveLength(answers.filter(({ result }) => result.kind === 'stored').length);
  for (const subject of subjects) {
    const versions = stored.filter((event) => event.subject === subject).map(({ version }) => version);
    expect(versions.sort((a, b) => a - b)).toEqual(versions.map((_, i) => i + 1));
  }
  const kinds = new Set(answers.map(({ result }) => result.kind));
  expect(kinds).toEqual(new Set(['stored', 'version-conflict', 'claim-conflict', 'too-large']));
  // Far fewer inserts than callers asked for: they did leave together.
  expect(inserts).toBeLessThan(answers.length / 2);
}, 30_000);
