// Finds out what became of appends whose insert was refused or never answered, by reading and never from a message's text:
// the own id at (subject, version) means stored, another's a version conflict, a held claim a claim conflict, else: send again.
import type { Collection } from 'mongodb';
import type { AppendResult, ClaimRule, StoredEvent } from '../../../engine/index.ts';
import { claimHolders, givenUp, type HeldClaim, release } from './claims.ts';
import { headsOf, placeOf, placesOf } from './reading.ts';

export type Verdict = AppendResult | { readonly kind: 'again' };

const again: Verdict = { kind: 'again' };

/** One verdict for each event, in their order; at most five queries, whatever their number. */
export async function settle(
  events: Collection<StoredEvent>,
  rules: readonly ClaimRule[],
  members: readonly StoredEvent[],
): Promise<Verdict[]> {
  const places = await placesOf(events, members);
  const taken = members.filter((event) => places.has(placeOf(event)) && places.get(placeOf(event))?.id !== event.id);
  const absent = members.filter((event) => !places.has(placeOf(event)));
  const heads =
    taken.length > 0
      ? await headsOf(events, [...new Set(taken.map(({ subject }) => subject))])
      : new Map<string, number>();
  const holders = await claimHolders(
    events,
    absent.flatMap(({ claims }) => claims ?? []),
  );
  const ended = new Set(await endAndRelease(events, rules, [...holders.values()]));
  return members.map((event) => {
    const there = places.get(placeOf(event));
    if (there?.id === event.id) return { kind: 'stored', events: [event] };
    if (there)
      return {
        kind: 'version-conflict',
        subject: event.subject,
        currentVersion: heads.get(event.subject) ?? event.version,
      };
    const held = event.claims?.map((claim) => holders.get(claim)).find((one) => one && !ended.has(one));
    // Its own insert, still on its way when the places were read, may hold the claim by now: that is no conflict.
    if (held?.holder.eventId === event.id) return again;
    return held ? { kind: 'claim-conflict', claim: held.claim, holder: held.holder } : again;
  });
}

/** The same for events that one transaction stores: one of them stored means all are. */
export async function settleTogether(
  events: Collection<StoredEvent>,
  rules: readonly ClaimRule[],
  members: readonly StoredEvent[],
): Promise<Verdict> {
  const verdicts = await settle(events, rules, members);
  if (verdicts.some(({ kind }) => kind === 'stored')) return { kind: 'stored', events: members };
  return (
    verdicts.find(({ kind }) => kind === 'version-conflict') ??
    verdicts.find(({ kind }) => kind === 'claim-conflict') ??
    again
  );
}

async function endAndRelease(
  events: Collection<StoredEvent>,
  rules: readonly ClaimRule[],
  held: readonly HeldClaim[],
): Promise<HeldClaim[]> {
  const ended = await givenUp(events, rules, held);
  await release(events, ended);
  return ended;
}
