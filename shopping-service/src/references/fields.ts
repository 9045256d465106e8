// Every reference that the shop knows: which field of which kind of document names a subject of which kind.
// Lists of references go through the fields in this order.

export const kinds = ['user', 'category', 'item', 'order'] as const;
export type Kind = (typeof kinds)[number];

export const referenceFields = {
  categoryId: { referrer: 'item', target: 'category' },
  sellerId: { referrer: 'item', target: 'user' },
  customerId: { referrer: 'order', target: 'user' },
  'lines.itemId': { referrer: 'order', target: 'item' },
} as const satisfies Readonly<Record<string, { readonly referrer: Kind; readonly target: Kind }>>;

export type ReferenceField = keyof typeof referenceFields;

export const fieldNames = Object.keys(referenceFields) as readonly ReferenceField[];

export function isKind(text: string): text is Kind {
  return (kinds as readonly string[]).includes(text);
}

export function isReferenceField(text: string): text is ReferenceField {
  return Object.hasOwn(referenceFields, text);
}
