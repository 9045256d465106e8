// What the shop's own reads make of the documents of a run: every customer as it is answered, and what is listed by its id.
import { idOf, kindOf, type StoredDocument } from 'foldline/engine';
import type { OpenIdentities } from './bend.ts';
import { textOf } from './canonical-text.ts';
import { type PersonLine, peopleText } from './oracle-people.ts';
import { openIdentities, presentCustomers } from './shop.ts';

const membersMax = 200;

export interface People {
  readonly text: string;
  /** How many of them have more identities than one. */
  readonly merged: number;
  /** The ids that read otherwise in a page than alone. */
  readonly otherInPage: readonly string[];
}

export async function readPeople(
  stored: ReadonlyMap<string, StoredDocument>,
  open: OpenIdentities = openIdentities,
): Promise<People> {
  const ofKind = (kind: string) => [...stored.values()].filter(({ _id }) => kindOf(_id) === kind);
  const customers = ofKind('user');
  const identities = open({
    documents: { read: async (ids) => new Map(ids.flatMap((id) => stored.get(id) ?? []).map((one) => [one._id, one])) },
    absorbedBy: async (ids, limit) => customers.filter((one) => ids.includes(mergedIntoOf(one))).slice(0, limit),
    membersMax,
  });
  const listed = (kind: string, field: string, members: readonly string[]) =>
    ofKind(kind)
      .filter(
        ({ state, ...rest }) => state === 'available' && 'data' in rest && members.includes(valueIn(rest.data, field)),
      )
      .map(({ _id }) => idOf(_id))
      .sort();

  const lines = await Promise.all(
    customers.map(async (document): Promise<PersonLine> => {
      const asked = idOf(document._id);
      const [body] = await presentCustomers({ identities }, [document]);
      const { members } = (await identities.of([asked]))(asked);
      const lists = {
        items: listed('item', 'sellerId', members),
        orders: listed('order', 'customerId', members),
      };
      return { asked, ...(body as NonNullable<typeof body>), members, ...lists };
    }),
  );
  const page = await presentCustomers({ identities }, customers);
  const otherInPage = page.flatMap((body, i) => {
    const { asked, members, items, orders, ...alone } = lines[i] as PersonLine;
    return textOf(body) === textOf(alone) ? [] : [asked];
  });
  return { text: peopleText(lines), merged: lines.filter(({ members }) => members.length > 1).length, otherInPage };
}

function mergedIntoOf(document: StoredDocument): string {
  return ('mergedInto' in document && document.mergedInto) || '';
}

function valueIn(data: object, field: string): string {
  return String((data as Record<string, unknown>)[field]);
}
