// Goal: what the explanations promise is so: each event that they name makes something of its kind available, and each reference
// that a projection declares is in the table of fields. Method: every type is folded from nothing; every view is asked.
import { subjectOf, type View } from 'foldline/engine';
import { categoryProjection } from '../catalogue/category.ts';
import { itemProjection } from '../catalogue/item.ts';
import { customerProjection } from '../customers/customer.ts';
import { orderProjection } from '../orders/order.ts';
import { origins } from './explanation.ts';
import { isReferenceField, kinds, referenceFields } from './fields.ts';

const id = '00000000-0000-4000-8000-000000000001';
const samples: Readonly<Record<string, Record<string, unknown>>> = {
  userCreated_v1: { name: 'Ada Lovelace', email: 'a@b' },
  userCreated_v2: { firstName: 'Ada', lastName: 'Lovelace', email: 'a@b' },
  userImported_v1: {},
  categoryCreated_v1: { title: 'Books' },
  itemAdded_v1: { title: 'A book', price: 1, categoryId: id, sellerId: id },
  orderPlaced_v1: { customerId: id, lines: [{ itemId: id, quantity: 1 }] },
};
const projections = [customerProjection, categoryProjection, itemProjection, orderProjection];
type Folding = { decode: typeof itemProjection.decode; initialState: View; evolve(view: View, event: unknown): View };
const projectionOf = (kind: string) => projections.find((one) => one.kind === kind) as unknown as Folding;

function viewAfter(kind: string, type: string): View {
  const { decode, initialState, evolve } = projectionOf(kind);
  const decoded = decode({ type, data: samples[type] ?? {} });
  if (decoded.kind !== 'known') throw new Error(`${type} is ${decoded.kind} to ${kind}`);
  return evolve(initialState, decoded.event);
}

test.each(kinds.flatMap((kind) => origins[kind].types.map((type) => [kind, type])))(
  'a pending %s becomes available by %s',
  (kind, type) => {
    expect(viewAfter(kind, type).state).toBe('available');
  },
);

test('every reference that a projection declares is in the table, with the kinds it connects', () => {
  const declared = kinds.flatMap((kind) => {
    const { refersTo } = projectionOf(kind) as { refersTo?: typeof itemProjection.refersTo };
    const view = viewAfter(kind, origins[kind].types[0] as string);
    return (refersTo?.(view as never) ?? []).map(({ field, target }) => ({ field, referrer: kind, target }));
  });
  const known = Object.entries(referenceFields).map(([field, { referrer, target }]) => {
    return { field, referrer, target: subjectOf(target, id) };
  });
  expect(declared.every(({ field }) => isReferenceField(field))).toBe(true);
  expect(declared).toEqual(expect.arrayContaining(known));
  expect(declared).toHaveLength(known.length);
});
