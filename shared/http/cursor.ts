// Pages of lists. A cursor says "after this one" and is opaque: it carries its format's number and the list it
// belongs to, so that one from another list is refused instead of silently skipping items.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../engine/index.ts';
import { decimalText } from './fields.ts';
import { type EdgeReply, type EdgeRequest, resourcePath } from './request-context.ts';

const format = 1;
const limitDefault = 50;
const limitMax = 200;

/** The query keys of a list, to spread into its strict schema. */
export const pageFields = {
  limit: decimalText(1, limitMax).default(limitDefault).describe('How many items at most'),
  cursor: z.string().optional().describe('`nextCursor` of the page before').meta({ minLength: 1 }),
};

/** The query of a list that takes nothing else. */
export const pageQuery = z.strictObject(pageFields);

/** The body of a list. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

interface CursorTypes {
  string: string;
  number: number;
}

function kindOf(list: string): string {
  return createHash('sha256').update(list, 'utf8').digest('hex').slice(0, 8);
}

/** A cursor to what comes after `after` in the list named `list`. */
export function encodeCursor(list: string, after: string | number): string {
  return Buffer.from(JSON.stringify([format, kindOf(list), after]), 'utf8').toString('base64url');
}

/** The place a cursor names. @throws invalid-request naming ?cursor for anything this list did not hand out. */
export function decodeCursor<Type extends keyof CursorTypes>(
  list: string,
  type: Type,
  text: string,
): CursorTypes[Type] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch (cause) {
    throw badCursor(cause);
  }
  const after: unknown = Array.isArray(parsed) ? parsed[2] : undefined;
  const legal =
    type === 'number'
      ? Number.isSafeInteger(after) && (after as number) >= 0
      : typeof after === 'string' && after !== '';
  // Encoding again catches everything else at once: another list or format, padding, stray characters.
  if (!legal || encodeCursor(list, after as string | number) !== text) throw badCursor();
  return after as CursorTypes[Type];
}

/** For a cursor of this list's form whose place is none. */
export function badCursor(cause?: unknown): Failure {
  const detail = 'It is no cursor of this list; use the nextCursor of a page as it is, or start without one.';
  return new Failure('invalid-request', `The query is not valid at ?cursor: ${detail}`, {
    errors: [{ pointer: '?cursor', detail }],
    cause,
  });
}

/** What page a request asks for. `after` is undefined on the first one. */
export function readPage<Type extends keyof CursorTypes>(
  request: EdgeRequest & { readonly query: { limit: number; cursor?: string | undefined } },
  type: Type,
): { limit: number; after: CursorTypes[Type] | undefined } {
  const { limit, cursor } = request.query;
  return { limit, after: cursor === undefined ? undefined : decodeCursor(resourcePath(request), type, cursor) };
}

/** The body of one page; sets `Link: <…>; rel="next"` (RFC 8288). `nextAfter` null: this was the last one. */
export function sendPage<Item>(
  reply: EdgeReply,
  request: EdgeRequest,
  items: Item[],
  nextAfter: string | number | null,
): Page<Item> {
  if (nextAfter === null) return { items, nextCursor: null };
  const nextCursor = encodeCursor(resourcePath(request), nextAfter);
  const [, query = ''] = request.url.split('?', 2);
  const next = new URLSearchParams(query);
  next.set('cursor', nextCursor);
  reply.header('Link', `<${request.server.mountedAt}${resourcePath(request)}?${next.toString()}>; rel="next"`);
  return { items, nextCursor };
}
