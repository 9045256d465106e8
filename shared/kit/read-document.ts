// The read that every read model has: one document by its subject, as it stands, or waited for at a version that the caller names.
import { z } from 'zod';
import { type Documents, Failure, type StoredDocument } from '../engine/index.ts';
import { applyPreferWait, type EdgeReply, type EdgeRequest, versionQuery } from '../http/index.ts';
import { readAtLeast, type VersionWaiters } from '../running/index.ts';

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
    read: async () => (await documents.read([subject])).get(subject),
    versionOf: (found) => found?.version ?? 0,
  });
  if (!document) throw new Failure('not-found', `Nothing was heard of ${subject} yet.`);
  return document;
}
