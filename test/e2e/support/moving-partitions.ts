// A second consumer that comes and goes: each time it comes it gets partitions, each time it goes they go back, and each of
// these moves is seen at the broker.
import { type ConsumerGroup, movedBetween, type Owners } from './consumer-group.ts';
import { type ShopProcess, startShopProcess } from './shop-process.ts';
import type { TestSystem } from './test-system.ts';

/** Six in each of the three topics of events. */
export const partitionsInAll = 18;

export interface Moves {
  /** How often at least one partition went from one consumer to the other. */
  readonly times: number;
  /** How the second consumer ended, each time. */
  readonly ends: readonly (NodeJS.Signals | number)[];
}

/** Starts a second shop and ends it, once for each of `signals`. @throws Error when the group does not settle in a minute */
export async function movePartitions(
  system: TestSystem,
  group: ConsumerGroup,
  signals: readonly ('SIGKILL' | 'SIGTERM')[],
  env: Readonly<Record<string, string>>,
): Promise<Moves> {
  let owners: Owners = await group.whenShared(1, partitionsInAll);
  let times = 0;
  const ends: (NodeJS.Signals | number)[] = [];
  const settle = async (members: number) => {
    const now = await group.whenShared(members, partitionsInAll);
    if (movedBetween(owners, now) > 0) times += 1;
    owners = now;
  };
  for (const signal of signals) {
    const second: ShopProcess = await startShopProcess(system, { name: 'second-shop', env });
    try {
      await settle(2);
      // It takes part before it answers; only one that answers knows how to end in order.
      await second.whenReady();
      second.process.kill(signal);
      const end = await second.process.exited;
      ends.push(end.signal ?? end.code ?? -1);
    } finally {
      await second.process.close();
    }
    await settle(1);
  }
  return { times, ends };
}
