// Claims that were given up. No process cleans up after a crash: a writer that meets such a claim takes it off and tries again.
import type { Collection, MongoBulkWriteError, ObjectId, WithId } from 'mongodb';
import type { ClaimClash, ClaimHolder, ClaimRule, LateClaim, StoredEvent } from '../../../engine/index.ts';
import { backoffMs, pause } from '../../../running/index.ts';
import { findEvents } from '../raw-documents.ts';
import { placeOf, placesOf } from './reading.ts';

const betweenTries = { initialMs: 10, maxMs: 200 };
/** How long the server may spend on claims that are put on late, before they are read and tried again. */
const claimMs = 1000;

export interface HeldClaim {
  readonly claim: string;
  readonly documentId: ObjectId;
  readonly holder: ClaimHolder;
}

/** Who holds these claims now; one query. Claims that nobody holds are left out. */
export async function claimHolders(
  events: Collection<StoredEvent>,
  claims: readonly string[],
): Promise<Map<string, HeldClaim>> {
  const wanted = new Set(claims);
  const holders = new Map<string, HeldClaim>();
  if (wanted.size === 0) return holders;
  const projection = { id: 1, subject: 1, version: 1, claims: 1 };
  for (const document of (await findEvents(
    events,
    { claims: { $in: [...wanted] } },
    { projection },
  ).toArray()) as WithId<StoredEvent>[]) {
    const holder = { eventId: document.id, subject: document.subject, version: document.version };
    for (const claim of document.claims ?? []) {
      if (wanted.has(claim)) holders.set(claim, { claim, documentId: document._id, holder });
    }
  }
  return holders;
}

/** Those of `held` that a later event of their own subject gave up. One query, over the few types that can end a claim. */
export async function givenUp(
  events: Collection<StoredEvent>,
  rules: readonly ClaimRule[],
  held: readonly HeldClaim[],
): Promise<HeldClaim[]> {
  const candidates = held.flatMap((one) => {
    const rule = rules.find(({ prefix }) => one.claim.startsWith(prefix));
    return rule ? [{ one, rule }] : [];
  });
  if (candidates.length === 0) return [];
  const ended = new Set<HeldClaim>();
  const $or = candidates.map(({ one, rule }) => ({
    subject: one.holder.subject,
    version: { $gt: one.holder.version },
    type: { $in: [...rule.types] },
  }));
  const asStored = { readPreference: 'primary', readConcern: { level: 'majority' } } as const;
  for await (const later of findEvents(events, { $or }, asStored)) {
    for (const { one, rule } of candidates) {
      const { subject, version } = one.holder;
      if (later.subject === subject && later.version > version && rule.endedBy(one.claim, later)) ended.add(one);
    }
    if (ended.size === candidates.length) break;
  }
  return [...ended];
}

/** The same without the claims that were given up, which are left where they are: this only reads. */
export async function livingHolders(
  events: Collection<StoredEvent>,
  rules: readonly ClaimRule[],
  claims: readonly string[],
): Promise<Map<string, ClaimHolder>> {
  const held = [...(await claimHolders(events, claims)).values()];
  const ended = new Set(await givenUp(events, rules, held));
  return new Map(held.filter((one) => !ended.has(one)).map(({ claim, holder }) => [claim, holder]));
}

/**
 * Takes given-up claims off their documents. The filter names the document and the claim, so a claim that its subject took
 * again by a later event is out of reach; an array that would become empty is removed, because `[]` is indexed too.
 */
export async function release(events: Collection<StoredEvent>, held: readonly HeldClaim[]): Promise<void> {
  if (held.length === 0) return;
  await events.bulkWrite(
    held.map(({ claim, documentId }) => ({
      updateOne: {
        filter: { _id: documentId, claims: claim },
        update: [
          {
            $set: {
              claims: {
                $let: {
                  vars: { rest: { $filter: { input: '$claims', cond: { $ne: ['$$this', { $literal: claim }] } } } },
                  in: { $cond: [{ $eq: ['$$rest', []] }, '$$REMOVE', '$$rest'] },
                },
              },
            },
          },
        ],
      },
    })),
    { ordered: false },
  );
}

/**
 * Puts claims on events that came around the API, all in one bulk write. What is refused is settled like an append:
 * a claim that its holder gave up is taken off and tried again; one that the event itself gave up meanwhile is left alone.
 */
export async function claimLate(
  events: Collection<StoredEvent>,
  rules: readonly ClaimRule[],
  claims: readonly LateClaim[],
  triesMax: number,
): Promise<ClaimClash[]> {
  let open = claims;
  for (let n = 1; open.length > 0; n += 1) {
    await addClaims(events, open);
    const holders = await claimHolders(
      events,
      open.map(({ claim }) => claim),
    );
    open = open.filter((late) => !holdsItself(holders.get(late.claim), late));
    const ended = await givenUp(
      events,
      rules,
      open.flatMap(({ claim }) => holders.get(claim) ?? []),
    );
    await release(events, ended);
    // A living claim of an earlier event of the same subject serves as well; one that was given up does not, because
    // anybody may take it off at any moment.
    open = open.filter(({ claim, subject }) => {
      const held = holders.get(claim);
      return held?.holder.subject !== subject || ended.includes(held);
    });
    const unclaimed = open.filter(({ claim }) => !holders.has(claim));
    if (ended.length === 0 && unclaimed.length === 0) return clashesOf(events, rules, open, holders);
    // The error makes the caller try its batch again, so that no document shows an address that is not claimed.
    if (n >= triesMax) return refuseUnlessGone(events, open, triesMax);
    await pause(backoffMs(betweenTries, n));
  }
  return [];
}

/** An event that is no longer in the store needs no claim; for any other event the caller must try again. */
async function refuseUnlessGone(
  events: Collection<StoredEvent>,
  open: readonly LateClaim[],
  tries: number,
): Promise<ClaimClash[]> {
  const there = await placesOf(events, open);
  const unsettled = open.filter((late) => there.has(placeOf(late)));
  if (unsettled.length === 0) return [];
  const example = unsettled[0]?.subject;
  throw new Error(
    `The outcome of ${unsettled.length} claims is not known after ${tries} tries; one of the claims is that of ${example}.`,
  );
}

function holdsItself(held: HeldClaim | undefined, { subject, version }: LateClaim): boolean {
  return held?.holder.subject === subject && held.holder.version === version;
}

async function addClaims(events: Collection<StoredEvent>, claims: readonly LateClaim[]): Promise<void> {
  const operations = claims.map(({ claim, subject, version }) => ({
    updateOne: { filter: { subject, version }, update: { $addToSet: { claims: claim } } },
  }));
  await events
    .bulkWrite(operations, { ordered: false, maxTimeMS: claimMs })
    .catch((error: Partial<MongoBulkWriteError>) => {
      // A member that was refused is found by the reading that follows; an error without members is a failure of the whole.
      if (error.writeErrors === undefined) throw error;
    });
}

async function clashesOf(
  events: Collection<StoredEvent>,
  rules: readonly ClaimRule[],
  open: readonly LateClaim[],
  holders: ReadonlyMap<string, HeldClaim>,
): Promise<ClaimClash[]> {
  const clashes = open.flatMap((late) => {
    const held = holders.get(late.claim);
    return held ? [{ ...late, holder: held.holder, documentId: held.documentId }] : [];
  });
  const asOwn = clashes.map(({ claim, subject, version, documentId }) => ({
    claim,
    documentId,
    holder: { eventId: '', subject, version },
  }));
  const over = new Set(
    (await givenUp(events, rules, asOwn)).map(({ holder }) => `${holder.subject}@${holder.version}`),
  );
  return clashes
    .filter(({ subject, version }) => !over.has(`${subject}@${version}`))
    .map(({ documentId: _, ...clash }) => clash);
}
