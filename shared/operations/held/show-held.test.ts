// Goal: only a hole that nobody can fill is told to wait in vain; whatever else may still bring or owe an event is not.
// Method: entries and what a retry would make of them, by hand.
import { documentOf } from '../../adapters/contract/documents-contract.ts';
import type { Held } from '../../engine/index.ts';
import { waitsInVain } from './retrier.ts';
import type { ShownHeld } from './retry-ports.ts';

const held: Held = {
  key: 'thing-1',
  projection: 'things',
  reason: 'hole',
  detail: '',
  since: new Date(0),
  attempts: 1,
  appliedVersion: 4,
  seenVersion: 999,
};
const nothing: ShownHeld['next'] = { document: documentOf('thing-1', 4), events: 0, stop: undefined };
const stop = { reason: 'invalid-data', version: 5, detail: 'it is no text' } as const;

test.each<[string, Partial<Held>, ShownHeld['next'], boolean]>([
  ['its owner has nothing behind the document', {}, nothing, true],
  ['nobody has any event of it', { appliedVersion: 0 }, { ...nothing, document: undefined }, true],
  ['its owner has a next one', {}, { ...nothing, events: 1 }, false],
  ['its owner has one that cannot be read', {}, { ...nothing, stop }, false],
  ['its owner does not answer', {}, undefined, false],
  ['it waits for a fix', { reason: 'invalid-data' }, nothing, false],
  ['what could not be read was taken out', { reason: 'unreadable' }, nothing, true],
  // The hazard: a crash between a document and its telling holds it so; let go, nobody would ever be told.
  ['its document is there, and may not have been told of', { appliedVersion: 3, seenVersion: 4 }, nothing, false],
  ['a part of it may not have been told of', { appliedVersion: 3 }, nothing, false],
])('%s', (_, entry, next, inVain) => {
  expect(waitsInVain({ held: { ...held, ...entry }, next })).toBe(inVain);
});
