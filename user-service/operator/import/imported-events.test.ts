// Goal: events of an import get claims that follow from their content. Method: the claim of one line, asked for in several ways.
import { activityClaim, type Import } from './imported-events.ts';
import type { Activity } from './mixpanel.ts';

const of: Import = { id: 'an-import', kind: 'mixpanel', dedupeByContent: true, startedAt: new Date(0) };

function claimOf(properties: object): string {
  const value = { name: 'opened', timeMs: 1, insertId: undefined, properties } as unknown as Activity;
  return activityClaim(of, 'a person', { number: 1, value });
}

test('hazard: half of a surrogate pair has no canonical text; it counts as what the store holds in its place', () => {
  expect(claimOf({ a: ['\ud83d'], '\udc00': 1 })).toBe(claimOf({ a: ['\ufffd'], '\ufffd': 1 }));
  expect(claimOf({ a: ['\ud83d'] })).not.toBe(claimOf({ a: ['b'] }));
});
