// Goal: writers at once never share an address nor lose an acknowledged change, and reads by id are current (law 4).
// Method: hundreds of requests at once; then the answers and the stored events compared.
import { newEmail, type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService();
});
afterAll(() => service.close());

test('of 200 creations at once with one address one is answered 201 and the others 409 email-taken', async () => {
  const email = newEmail();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      service.call('POST /users', { firstName: `Ada ${n}`, lastName: '', email: n % 2 ? email : email.toUpperCase() }),
    ),
  );
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const what = status === 201 ? '201' : `${status} ${body.code}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  expect(counts).toEqual({ '201': 1, '409 email-taken': 199 });
  expect(await service.events.countDocuments({ claims: `email:${email}` })).toBe(1);
});

test('an acknowledged change is seen by the next read, two hundred times, beside another writer', async () => {
  const { id } = await service.createUser();
  let done = false;
  const other = (async () => {
    for (let i = 0; !done; i += 1) {
      await service.call(`PATCH /users/${id}`, { lastName: `Lovelace ${i}` });
      // It is to come in between, not to keep the first writer from ever being decided.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  let latest = 0;
  for (let i = 0; i < 200; i += 1) {
    const changed = await service.call(`PATCH /users/${id}`, { firstName: `Ada ${i}` });
    // Five decisions may all be overtaken; that is answered, and nothing is stored.
    if (changed.status === 409) continue;
    const { body } = await service.call(`GET /users/${id}`);
    expect(changed.status).toBe(200);
    expect(body.firstName).toBe(`Ada ${i}`);
    expect(body.version).toBeGreaterThanOrEqual(changed.body.version);
    expect(changed.body.version).toBeGreaterThan(latest);
    if (i % 10 === 0) {
      const after = changed.body.version - 1;
      const events = await service.call(`GET /users/${id}/events?afterVersion=${after}&limit=1`);
      expect(events.body.items[0]).toMatchObject({ version: after + 1, data: { firstName: `Ada ${i}` } });
    }
    latest = body.version;
  }
  done = true;
  await other;
  const versions = await service.events
    .find({ subject: `user-${id}` })
    .sort({ version: 1 })
    .toArray();
  expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => i + 1));
}, 60_000);

test('read models never go back: replay=false shows one version after another', async () => {
  const { id } = await service.createUser();
  const writing = (async () => {
    for (let i = 0; i < 20; i += 1) await service.call(`PATCH /users/${id}`, { firstName: `Ada ${i}` });
  })();
  let seen = 0;
  for (let done = false; !done; ) {
    const { status, body } = await service.call(`GET /users/${id}?replay=false`);
    if (status === 200) {
      expect(body.version).toBeGreaterThanOrEqual(seen);
      seen = body.version;
    }
    done = seen === 21;
  }
  await writing;
});

test('two users who swap addresses through a third one at once: never two holders', async () => {
  const [a, b] = [newEmail(), newEmail()];
  const [one, two] = [await service.createUser({ email: a }), await service.createUser({ email: b })];
  await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      service.call(`PATCH /users/${n % 2 ? one.id : two.id}`, { email: n % 3 ? a : b }),
    ),
  );
  for (const email of [a, b]) {
    const holders = (await Promise.all([one, two].map(({ id }) => service.call(`GET /users/${id}`)))).filter(
      ({ body }) => body.email === email,
    );
    expect(holders.length).toBeLessThanOrEqual(1);
  }
});
