// The one comparison that both modes must stand: every snapshot and every shop document against the independent fold.
import { askOracle, type Oracle } from './oracle.ts';
import { bodyOf, type Kind } from './oracle-bodies.ts';
import { get } from './requests.ts';
import { differences, expectSameDocuments } from './same-documents.ts';
import type { SubjectDocument, TestSystem } from './test-system.ts';

export const kinds: readonly Kind[] = ['customers', 'categories', 'items', 'orders'];

/** To be called once every event has arrived. @throws Error naming what is missing, extra or different */
export async function expectDocumentsAsStored(system: TestSystem): Promise<Oracle> {
  const oracle = await askOracle(system.users, system.shopping);
  const read = (database: 'users' | 'shopping', collection: string) =>
    system[database].collection<SubjectDocument>(collection).find().toArray();
  expectSameDocuments('Users', await read('users', 'Users'), oracle.users);
  for (const kind of kinds) expectSameDocuments(kind, await read('shopping', kind), oracle[kind]);
  return oracle;
}

/** About `count` bodies of each kind, evenly chosen. @throws Error naming the first that is not what the oracle joins */
export async function expectBodiesAsStored(system: TestSystem, oracle: Oracle, count: number): Promise<void> {
  for (const kind of kinds) {
    for (const document of sample([...oracle[kind].values()], count)) {
      const path = `/${kind}/${document._id.slice(-36)}`;
      const { body } = await get(`${system.ready.shoppingService}${path}`);
      const fault = differences(path, body, bodyOf(oracle, kind, document));
      if (fault.includes('\n')) throw new Error(fault);
    }
  }
}

/** Every n-th of a list, so that a sample holds old and new ones. */
export function sample<T>(list: readonly T[], count: number): T[] {
  const step = Math.ceil(list.length / count);
  return list.filter((_, i) => i % step === 0);
}
