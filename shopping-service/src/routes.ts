// What the reads of all four kinds share: what they read from, and pages of available documents.

import type { ReadModelDocument } from 'foldline';
import { type StoredDocument, subjectOf } from 'foldline/engine';
import { type EdgeReply, type EdgeRequest, type Page, readPage, sendPage } from 'foldline/fastify';
import { pageOfDocuments, type Wanted } from 'foldline/mongodb';
import type { ShopCollection } from './read-model.ts';
import { type ReferenceField, referenceFields } from './references/fields.ts';
import { isDetached } from './references/policies.ts';
import { collectionsOf } from './references/walks.ts';
import type { ReadSide } from './representations.ts';
import { stateOf } from './shop-view.ts';

export interface ShopPorts extends ReadSide {
  readonly read: ReadModelDocument;
}

/** Ids by the field of the payload that must hold them, or another identity of the same person. */
export type Narrowing = Readonly<Partial<Record<ReferenceField, string | undefined>>>;

/** What is listed, and how it is shown. */
export interface Listing<Body> {
  readonly from: ShopCollection;
  /** What a document must be besides available. */
  readonly listed?: Readonly<Record<string, Wanted>> | undefined;
  present(documents: readonly StoredDocument[]): Promise<Body[]>;
}

/** A page of the available documents that refer to the given ids; empty when a given reference is detached from a removed target. */
export async function listDocuments<Body>(
  ports: ReadSide,
  { from, listed, present }: Listing<Body>,
  narrowing: Narrowing,
  request: EdgeRequest & { readonly query: { limit: number; cursor?: string | undefined } },
  reply: EdgeReply,
): Promise<Page<Body>> {
  const { limit, after } = readPage(request, 'string');
  const given = Object.entries(narrowing).filter((entry): entry is [ReferenceField, string] => entry[1] !== undefined);
  const meant = await Promise.all(given.map(([field, id]) => meantBy(ports, field, id)));
  if (meant.some(({ detached }) => detached)) return sendPage(reply, request, [], null);
  const fields = Object.fromEntries(meant.map(({ field, ids }) => [`data.${field}`, ids]));
  const wanted = { state: 'available', ...listed, ...fields };
  const { documents, next } = await pageOfDocuments(from.collection, wanted, { after, limit });
  return sendPage(reply, request, await present(documents), next);
}

/** All ids of the subject or person that `id` names, and whether this field is detached from it. */
async function meantBy({ shop, identities, policies }: ReadSide, field: ReferenceField, id: string) {
  const kind = referenceFields[field].target;
  if (kind === 'user') {
    const { members, document } = (await identities.of([id]))(id);
    return { field, ids: members, detached: isDetached(policies, field, stateOf(document)) };
  }
  const target = subjectOf(kind, id);
  const found = policies[field] === 'detach' ? await collectionsOf(shop)[kind].documents.read([target]) : undefined;
  return { field, ids: [id], detached: isDetached(policies, field, stateOf(found?.get(target))) };
}
