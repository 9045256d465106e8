// Deletes a user, and with it all users that it stands for: one event on each, in one transaction.
import { assertAllowed, type Executed, type Execution, executeTogether, viewOf } from 'foldline/engine';
import { membersLimit } from '../config.ts';
import { currentUsers, resolveUser } from '../identities/members.ts';
import type { IdentityPorts } from '../identities/merge.ts';
import { type User, userDecider } from './user.ts';

/** @throws Failure `not-found`, `deleted`, `identity-absorbed`, and as `executeTogether` does */
export function deleteUser(
  ports: IdentityPorts,
  { subject, causation, request, allows }: Omit<Execution<unknown>, 'command' | 'precondition'>,
): Promise<Executed> {
  return executeTogether(ports, userDecider, {
    causation,
    request,
    async plan() {
      // Not by the setting: lowered since, it would leave members undeleted.
      const { self, members } = await resolveUser(currentUsers(ports), subject, membersLimit);
      const view = self.document ? viewOf<User>(self.document) : ports.projection.initialState;
      const events = userDecider.decide({ kind: 'delete' }, view);
      assertAllowed(allows, self.document?.version ?? 0);
      const others = members.filter(({ _id, state }) => _id !== subject && state !== 'deleted');
      return [
        { subject, document: self.document, snapshotVersion: self.snapshotVersion, events },
        ...others.map((document) => ({ subject: document._id, document, snapshotVersion: document.version, events })),
      ];
    },
  });
}
