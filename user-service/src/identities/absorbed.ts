// The answer to a command for a user who was merged into another: it names the one who stands for both.
import { idOf, isFailure } from 'foldline/engine';
import type { EdgeReply } from 'foldline/fastify';
import { foldedUsers, resolveUser } from './members.ts';
import type { IdentityPorts } from './merge.ts';

/** @throws what `work` throws; for `identity-absorbed` the reply has `Location` then */
export async function answeringSurvivor<T>(
  ports: IdentityPorts,
  subject: string,
  reply: EdgeReply,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isFailure(error, 'identity-absorbed')) {
      const { survivor } = await resolveUser(foldedUsers(ports), subject, ports.membersMax);
      if (survivor.document) reply.header('Location', `/users/${idOf(survivor.document._id)}`);
    }
    throw error;
  }
}
