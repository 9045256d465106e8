// The read that every read model has: one document by its subject, as it stands, or waited for at a version that the caller names.
import { z } from 'zod';
import {
  type Documents,
  Failure,
  isPlaceholder,
  type StoredDocument,
  subjectOf,
  type View,
  viewOf,
} from '../engine/index.ts';
import { applyPreferWait, type EdgeReply, type EdgeRequest, versionQuery } from '../http/index.ts';
import { readAtLeast, type VersionWaiters } from '../running/index.ts';
import type { OpenModel } from './models.ts';

export const readFields = { minVersion: versionQuery.optional().describe('Answer at this version or later') };
export const readQuery = z.strictObject(readFields);

export interface ReadPorts {
  readonly documents: Pick<Documents, 'read'>;
  readonly waiters: VersionWaiters;
  /** Aborted when the service ends. */
  readonly stopping: AbortSignal;
}

type ReadRequest = EdgeRequest & {
  readonly query: { readonly minVersion?: number | undefined };
  readonly signal: AbortSignal;
};

/** Placeholders and what was removed included. @throws Failure `not-found`, `version-not-yet` */
export async function readDocument(
  { documents, waiters, stopping }: ReadPorts,
  subject: string,
  request: ReadRequest,
  reply: EdgeReply,
): Promise<StoredDocument> {
  const document = await readAtLeast({
    waiters,
    subject,
    minVersion: request.query.minVersion,
    waitMs: applyPreferWait(request, reply),
    signal: AbortSignal.any([stopping, request.signal]),
    aside: (wait) => request.waitAside(wait),
    read: async () => (await documents.read([subject])).get(subject),
    versionOf: (found) => found?.version ?? 0,
  });
  if (!document) throw new Failure('not-found', `This service has no event of ${subject} yet.`);
  return document;
}

/** One document of a model, as a route shows it. */
export interface Shown<V extends View> {
  readonly document: StoredDocument;
  /** What the document shows; of a placeholder the initial state. */
  readonly view: V;
}

/** Reads the document of the id in the path of a request. @throws Failure `not-found`, `version-not-yet` */
export type ReadModelDocument = <V extends View>(
  model: Pick<OpenModel<V>, 'declaration' | 'documents'>,
  request: ReadRequest & { readonly params: { readonly id: string } },
  reply: EdgeReply,
) => Promise<Shown<V>>;

export function readingOf(ports: Omit<ReadPorts, 'documents'>): ReadModelDocument {
  return async ({ declaration: { projection }, documents }, request, reply) => {
    const subject = subjectOf(projection.kind, request.params.id);
    const document = await readDocument({ ...ports, documents }, subject, request, reply);
    return { document, view: isPlaceholder(document) ? projection.initialState : viewOf(document) };
  };
}
