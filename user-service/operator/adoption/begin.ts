// What makes an adoption the same adoption: the id of a document, from which the id of its user follows. Every run must take the same
// one, also from another machine or folder; with another one each document would be a second user.
import { AdminFailure } from 'foldline/admin';
import { z } from 'zod';
import type { Beginning, Beginnings } from '../beginnings.ts';
import type { WorkFolder } from '../work-folder.ts';
import { conversationOf, type Origin } from './adopted-user.ts';

/** Where it stood before it was kept beside the events. */
const formerFile = 'begun.json';
const former = z.object({ id: z.string() });

/**
 * Looks, and writes nothing.
 * @throws AdminFailure `refused` when it was begun in this database with another id, or nobody can say with which
 */
export async function assertSameAdoption(beginnings: Beginnings, folder: WorkFolder, origin: Origin): Promise<void> {
  const name = conversationOf(origin);
  const begun = await beginnings.find(name);
  if (begun) return assertSameId(begun, origin);
  if (!(await beginnings.hasEvents(name))) return;
  const { data } = former.safeParse(await folder.json(formerFile));
  if (!data)
    throw new AdminFailure(
      'refused',
      `Users of ${origin.from} are here, and nothing says which "id" of --map they were adopted by. Run it with DATA_DIR as it was then, or say it in the database of users: db.Imports.insertOne({ _id: "${name}", rules: { id: "_id" } }).`,
    );
  assertSameId({ rules: data }, origin);
}

/** Keeps what it is begun with, before anything is stored. @throws AdminFailure `refused` when another run began it otherwise meanwhile */
export async function beginAdoption(beginnings: Beginnings, origin: Origin): Promise<void> {
  const { id } = origin.map;
  assertSameId(await beginnings.begin(conversationOf(origin), { rules: { id }, startedAt: origin.now }), origin);
}

function assertSameId({ rules }: Pick<Beginning, 'rules'>, origin: Origin): void {
  const { from, map } = origin;
  if (rules.id === map.id) return;
  throw new AdminFailure(
    'refused',
    `${from} was begun with "id":"${rules.id}" in --map, and not with "id":"${map.id}", by which each document would be another user. Go on with "id":"${rules.id}"; if none of its documents was adopted, delete ${conversationOf(origin)} from the collection Imports of the database of users, and begin anew.`,
  );
}
