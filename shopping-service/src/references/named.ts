// Whether any document of the shop names a subject: then a placeholder must stand where nothing else does.
import { idOf, kindOf } from 'foldline/engine';
import type { ShopReadModel } from '../read-model.ts';

export function isNamedIn({ customers, items, orders }: ShopReadModel) {
  return async (subject: string): Promise<boolean> => {
    const byReference = [items, orders].map(({ collection }) =>
      collection.findOne({ 'references.target': subject }, { projection: { _id: 1 } }),
    );
    const byMerge =
      kindOf(subject) === 'user'
        ? [customers.collection.findOne({ mergedInto: idOf(subject) }, { projection: { _id: 1 } })]
        : [];
    return (await Promise.all([...byReference, ...byMerge])).some((found) => found !== null);
  };
}
