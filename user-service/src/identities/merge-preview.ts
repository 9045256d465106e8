// What a merge would make of two users, before anything is written.
import { idOf, type ProjectedDocument } from 'foldline/engine';
import type { z } from 'zod';
import { fieldsOf, userFields } from '../users/user-schemas.ts';
import type { mergePreviewBody } from './identity-schemas.ts';
import type { Sides } from './merge.ts';

export function previewOf({ survivor, absorbed }: Sides): z.output<typeof mergePreviewBody> {
  const members = [...survivor.members, ...absorbed.members];
  const { winners, alternatives } = fieldsOf(members);
  const before = fieldsOf(survivor.members).alternatives;
  const conflicts = userFields.flatMap((field) =>
    (alternatives[field] ?? [])
      .filter((loser) => !before[field]?.includes(loser))
      .map((loser) => ({ field, winner: winners[field], loser })),
  );
  const idIn = (side: Sides['survivor']) => idOf(side.survivor.document?._id ?? '');
  return {
    survivorId: idIn(survivor),
    absorbedId: idIn(absorbed),
    members: members.map(({ _id }) => idOf(_id)),
    events: { survivor: eventsOf(survivor.members), absorbed: eventsOf(absorbed.members) },
    conflicts,
  };
}

/** Versions have no gaps, so the last one counts the events. */
function eventsOf(members: readonly ProjectedDocument[]): number {
  return members.reduce((sum, { version }) => sum + version, 0);
}
