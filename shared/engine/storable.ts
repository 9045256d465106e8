// Whether a value from a topic or another service can stand in a document. What cannot would be refused by a driver much later, at a
// write that is tried again for ever; so it is found while its event is read.
import { shown } from './shown.ts';

/** MongoDB takes 200 levels of a document; an event and what keeps it are some of them. */
export const dataLevelsMax = 150;

/** @returns what is wrong with the value, to be read after its name; undefined when nothing is. It looks no deeper than the limit. */
export function unstorableIn(value: object, levels: number = dataLevelsMax): string | undefined {
  if (!isPlain(value)) return undefined;
  if (levels === 0) return `nests deeper than ${dataLevelsMax} levels`;
  for (const [key, member] of Object.entries(value)) {
    // The driver takes an object with the second key for one of its own.
    if (key.includes('\0') || key === '_bsontype') return `has the key ${shown(key)}, which no document may have`;
    const fault = typeof member === 'object' && member !== null ? unstorableIn(member, levels - 1) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Dates, ids and bytes that a driver has read have no members of their own to be looked at. */
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
