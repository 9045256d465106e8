// What the printed examples must have shown, in either mode: the same create, reads, placeholders and filling in.

export function expectExamplesFilledIn(answers: readonly Record<string, unknown>[]): void {
  const [created, current, snapshot, customer, , early, category, seller, , , filled] = answers;
  expect(created).toMatchObject({ firstName: 'Ada', version: 1, snapshot: { version: 0, replayedEvents: 1 } });
  expect(current).toMatchObject({ id: created?.id, firstName: 'Ada', version: 1 });
  expect(snapshot).toMatchObject({ id: created?.id, snapshot: { version: 1, replayedEvents: 0 } });
  expect(customer).toEqual({
    id: created?.id,
    state: 'available',
    version: 1,
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: created?.email,
  });
  const notYet = { state: 'notYetAvailable' };
  expect(early).toMatchObject({
    category: { ...notYet, title: 'Not yet available' },
    seller: { ...notYet, name: 'Not yet available' },
  });
  expect(filled).toMatchObject({
    category: { id: category?.id, state: 'available', title: 'Engines' },
    seller: { id: seller?.id, state: 'available', name: 'Charles Babbage' },
  });
}
