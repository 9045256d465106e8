// What the reads of all four kinds share: a document at a version, and pages of available ones.
import { Failure, readAtLeast, type StoredDocument, subjectOf, type VersionWaiters } from '@foldline/shared/engine';
import {
  applyPreferWait,
  type EdgeReply,
  type EdgeRequest,
  type Page,
  readPage,
  sendPage,
  setVersionHeaders,
  versionQuery,
} from '@foldline/shared/http';
import { pageOfDocuments } from '@foldline/shared/mongodb';
import { z } from 'zod';
import type { ShopCollection } from './read-model.ts';
import { type ReferenceField, referenceFields } from './references/fields.ts';
import { isDetached } from './references/policies.ts';
import { collectionsOf } from './references/walks.ts';
import type { ReadSide } from './representations.ts';
import { stateOf } from './shop-view.ts';

export interface ShopPorts extends ReadSide {
  readonly waiters: VersionWaiters;
  readonly stopping: AbortSignal;
}

export const readQuery = z.strictObject({
  minVersion: versionQuery.optional().describe('Answer at this version or later'),
});

type ReadRequest = EdgeRequest & {
  readonly params: { id: string };
  readonly query: { minVersion?: number | undefined };
  readonly signal: AbortSignal;
};

/** The document of `kind-<id>`, placeholders and removed ones included. @throws Failure `not-found`, `version-not-yet` */
export async function readDocument(
  ports: ShopPorts,
  from: ShopCollection,
  kind: string,
  request: ReadRequest,
  reply: EdgeReply,
): Promise<StoredDocument> {
  const subject = subjectOf(kind, request.params.id);
  const document = await readAtLeast({
    waiters: ports.waiters,
    subject,
    minVersion: request.query.minVersion,
    waitMs: applyPreferWait(request, reply),
    signal: AbortSignal.any([ports.stopping, request.signal]),
    read: async () => (await from.documents.read([subject])).get(subject),
    versionOf: (found) => found?.version ?? 0,
  });
  if (!document) throw new Failure('not-found', `Nothing was heard of ${subject} yet.`);
  setVersionHeaders(reply, { version: document.version });
  return document;
}

/** Ids by the field of the payload that must hold them. */
export type Narrowing = Readonly<Partial<Record<ReferenceField, string | undefined>>>;

/** A page of the available documents that refer to those given; none by a reference that is detached from what was removed. */
export async function listDocuments<Body>(
  ports: ReadSide,
  from: ShopCollection,
  narrowing: Narrowing,
  request: EdgeRequest & { readonly query: { limit: number; cursor?: string | undefined } },
  reply: EdgeReply,
  present: (documents: readonly StoredDocument[]) => Promise<Body[]>,
): Promise<Page<Body>> {
  const given = Object.entries(narrowing).filter((entry): entry is [ReferenceField, string] => entry[1] !== undefined);
  const filter = { state: 'available', ...Object.fromEntries(given.map(([field, value]) => [`data.${field}`, value])) };
  const { limit, after } = readPage(request, 'string');
  if (await anyDetached(ports, given)) return sendPage(reply, request, [], null);
  const { documents, next } = await pageOfDocuments(from.collection, filter, { after, limit });
  return sendPage(reply, request, await present(documents), next);
}

async function anyDetached(
  { shop, policies }: ReadSide,
  given: readonly (readonly [ReferenceField, string])[],
): Promise<boolean> {
  const collections = collectionsOf(shop);
  const detached = given
    .filter(([field]) => policies[field] === 'detach')
    .map(async ([field, id]) => {
      const kind = referenceFields[field].target;
      const target = subjectOf(kind, id);
      const found = await collections[kind].documents.read([target]);
      return isDetached(policies, field, stateOf(found.get(target)));
    });
  return (await Promise.all(detached)).includes(true);
}
