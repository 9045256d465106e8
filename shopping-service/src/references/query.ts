// What `GET /references` may be asked, and the places its cursors name. A cursor belongs to its filter as well as to its list:
// two filters may go through the references in different orders.
import { Failure, kindOf, subjectOf } from 'foldline/engine';
import { lowerCaseUuid, pageFields, uuidPattern } from 'foldline/fastify';
import { z } from 'zod';
import { isKind, isReferenceField, kinds } from './fields.ts';
import type { LedgerQuery, Narrowing } from './ledger.ts';
import type { LedgerPlace } from './ledger-entry.ts';
import { referenceStates } from './states.ts';

const kindsText = kinds.join(', ');
const subjectsText = kinds.map((kind) => `${kind}-<uuid>`).join(', ');

const subjectOrKind = z
  .string({ error: 'It must be given once.' })
  .transform((text, context): Narrowing => {
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (isKind(text)) return { kind: text };
    const kind = kindOf(text);
    if (!isKind(kind)) {
      return refuse(`There is no kind or subject of this name; kinds are ${kindsText}, subjects ${subjectsText}.`);
    }
    if (!lowerCaseUuid.safeParse(text.slice(kind.length + 1)).success)
      return refuse(`A subject is its kind, a hyphen and a lower-case UUID: ${subjectOf(kind, '<uuid>')}.`);
    return { kind, subject: text };
  })
  .meta({ type: 'string', pattern: `^(${kinds.join('|')})(-<uuid>)?$`.replace('<uuid>', uuidPattern) });

export const ledgerQuery = z.strictObject({
  state: z
    .enum(referenceStates, { error: `It must be one of ${referenceStates.join(', ')}.` })
    .optional()
    .describe('Only references in this state; `pending` includes overdue ones'),
  referrer: subjectOrKind.optional().describe('Only references that this subject, or this kind, holds'),
  target: subjectOrKind.optional().describe('Only references to this subject, or this kind'),
  ...pageFields,
});

/** The place of a cursor that was handed out for the same filter. @throws Failure `invalid-request` for any other */
export function placeOf(text: string, query: LedgerQuery): LedgerPlace {
  const [filter, field, referrer, target] = text.split(' ');
  if (filter === filterOf(query) && field && isReferenceField(field) && referrer && target)
    return { field, referrer, target };
  const detail = 'It belongs to another filter; repeat state, referrer and target as they were, or start without one.';
  throw new Failure('invalid-request', `The query is not valid at ?cursor: ${detail}`, {
    errors: [{ pointer: '?cursor', detail }],
  });
}

/** What a cursor says. */
export function textOf({ field, referrer, target }: LedgerPlace, query: LedgerQuery): string {
  return [filterOf(query), field, referrer, target].join(' ');
}

function filterOf({ state, referrer, target }: LedgerQuery): string {
  return [state, referrer?.subject ?? referrer?.kind, target?.subject ?? target?.kind].join('/');
}
