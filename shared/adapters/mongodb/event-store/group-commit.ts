// Group commit: what arrives while a write is in flight leaves together in the next one, and each caller gets its own result.
// The idea is that of databases' log writers (DeWitt et al., "Implementation Techniques for Main Memory Database Systems", 1984).
import { Failure } from '../../../engine/index.ts';

export interface GroupLimits {
  /** Groups that may be on their way at once. */
  readonly groupsInFlightMax: number;
  readonly membersMax: number;
  /** Members that may wait; one more is refused as `overloaded`. */
  readonly queueMax: number;
}

export interface GroupCommit<T, R> {
  /** @throws Failure `overloaded` when the queue is full; whatever `write` threw for the group. */
  submit(member: T): Promise<R>;
}

interface Waiting<T, R> {
  readonly member: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/** @param write must answer with one result for each member, in their order */
export function createGroupCommit<T, R>(
  limits: GroupLimits,
  write: (members: readonly T[]) => Promise<readonly R[]>,
): GroupCommit<T, R> {
  const queue: Waiting<T, R>[] = [];
  let inFlight = 0;

  async function send(): Promise<void> {
    inFlight += 1;
    const group = queue.splice(0, limits.membersMax);
    try {
      const results = await write(group.map(({ member }) => member));
      group.forEach((waiting, i) => {
        waiting.resolve(results[i] as R);
      });
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    } finally {
      inFlight -= 1;
      if (queue.length > 0) void send();
    }
  }

  return {
    submit(member) {
      if (queue.length >= limits.queueMax) {
        return Promise.reject(
          new Failure('overloaded', `${limits.queueMax} writes are waiting already; try again shortly.`),
        );
      }
      return new Promise((resolve, reject) => {
        queue.push({ member, resolve, reject });
        if (inFlight < limits.groupsInFlightMax) void send();
      });
    },
  };
}
