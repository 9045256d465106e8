// Merges that are wrong on purpose, for calibration: folded wrongly, named wrongly, written wrongly, or read wrongly.
import {
  type Documents,
  isPlaceholder,
  type StoredDocument,
  type View,
  withAbsorbed,
  withoutMerge,
} from 'foldline/engine';
import type { Bend } from './bend.ts';
import { evolving, naming } from './bent-projections.ts';
import { type IdentityPorts, openIdentities, type Person } from './shop.ts';

/** By the sentence that says what goes wrong. */
export const mergeBugs: Readonly<Record<string, Bend>> = {
  'the survivor’s side of a merge counts downstream': {
    projection: evolving((view, event, right) => {
      if (event.type !== 'userMerged_v1') return right(view, event);
      const { mergeId, absorbedId } = event.data as { mergeId: string; absorbedId: string };
      return withAbsorbed(view, mergeId, absorbedId);
    }),
  },
  'the retraction of another merge takes the edge off': {
    projection: evolving((view, event, right) =>
      event.type === 'mergeRetracted_v1' ? withoutMerge(view, view.mergeId ?? '') : right(view, event),
    ),
  },
  'a retraction takes nothing off': {
    projection: evolving((view, event, right) => (event.type === 'mergeRetracted_v1' ? view : right(view, event))),
  },
  'late news of an absorbed customer is dropped': {
    projection: evolving((view, event, right) =>
      view.mergedInto !== undefined && /^user.*(Changed|Created|Imported|Deleted)/.test(event.type)
        ? view
        : right(view, event),
    ),
  },
  'a change of a field forgets the merge': {
    projection: evolving((view, event, right) =>
      right(/Changed_v1$/.test(event.type) ? withoutEdge(view) : view, event),
    ),
  },
  'a merge names nobody': {
    projection: naming((event, right) => (event.type === 'userAbsorbed_v1' ? [] : right(event))),
  },
  'an absorbed customer is written before the placeholder of its survivor': { documents: placeholdersLast },
  'the way up stops after one step': {
    identities: perQuestion(({ documents, ...ports }) => {
      let steps = 0;
      const read: Documents['read'] = async (ids) => {
        steps += 1;
        const found = await documents.read(ids);
        return steps === 1 ? found : new Map([...found].map(([id, document]) => [id, withoutEdge(document)]));
      };
      return { ...ports, documents: { read } };
    }),
  },
  'only those that were merged straight into the survivor are found': {
    identities: perQuestion((ports) => {
      let steps = 0;
      return { ...ports, absorbedBy: async (...asked) => (steps++ === 0 ? ports.absorbedBy(...asked) : []) };
    }),
  },
  'nobody looks for whom a survivor stands': {
    identities: (ports) => openIdentities({ ...ports, absorbedBy: async () => [] }),
  },
  'gaps are not filled': {
    identities: readingAs((person) => ({ ...person, data: person.data && dataIn(person) })),
  },
  'a survivor that is not known yet reads as one whose fields are empty': {
    identities: readingAs((person) => ({ ...person, data: person.data ?? { firstName: '', lastName: '', email: '' } })),
  },
  'one that was removed fills gaps of one that was not': {
    identities: (ports) =>
      openIdentities({
        ...ports,
        absorbedBy: async (...asked) => (await ports.absorbedBy(...asked)).map(asAvailable),
      }),
  },
  'members come by id and not by their merges': {
    identities: readingAs((person) => ({ ...person, members: [...person.members].sort() })),
  },
};

function asAvailable(document: StoredDocument): StoredDocument {
  return isPlaceholder(document) || document.state !== 'removed' ? document : { ...document, state: 'available' };
}

function withoutEdge<T extends object>(of: T): T {
  const { mergedInto: _into, mergeId: _merge, ...rest } = of as T & Pick<View, 'mergedInto' | 'mergeId'>;
  return rest as unknown as T;
}

function placeholdersLast(documents: Documents): Documents {
  return {
    ...documents,
    write: (writes) =>
      documents.write([...writes].sort((a, b) => Number('placeholder' in a) - Number('placeholder' in b))),
  };
}

/** The ports are bent anew for each question. */
function perQuestion(bend: (ports: IdentityPorts) => IdentityPorts): NonNullable<Bend['identities']> {
  return (ports) => ({ of: (ids, read) => openIdentities(bend(ports)).of(ids, read) });
}

/** The right person, seen wrongly. */
function readingAs(see: (person: Person) => Person): NonNullable<Bend['identities']> {
  return (ports) => ({
    async of(ids, read) {
      const people = await openIdentities(ports).of(ids, read);
      return (id) => see(people(id));
    },
  });
}

function dataIn({ document, data }: Person): Person['data'] {
  return document && 'data' in document ? (document.data as Person['data']) : data;
}
