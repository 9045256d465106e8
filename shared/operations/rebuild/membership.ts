// What a process knows of the generations, and its part in a switchover: the process renews its lease, reads the records, shuts its gate
// for a switchover, and opens the gate when all processes use the new pointer or the switchover was taken back.

import type { Logger } from '../../engine/index.ts';
import { type FeedGate, type HeldShut, pause } from '../../running/index.ts';
import { firstRecord, type ModelRecord, type SwitchoverKind } from './model-record.ts';
import type { ModelStore } from './model-store.ts';

export interface MembershipLimits {
  /** A process that has not renewed its lease for so long is not waited for, and writes nothing before it has looked again. */
  readonly leaseMs: number;
  readonly lookEveryMs: number;
  /** How long all may take to pause. */
  readonly switchoverWithinMs: number;
}

export interface MembershipPorts {
  /** Of this process, and of no other ever. */
  readonly id: string;
  readonly models: readonly string[];
  readonly store: ModelStore;
  /** Everything that writes documents passes through it. */
  readonly gate: FeedGate;
  /** A clock that only goes on. */
  readonly nowMs: () => number;
  readonly limits: MembershipLimits;
  readonly log: Logger;
  /** Called before a changed record is taken over: what works by the old one ends first. */
  readonly taking?: (record: ModelRecord) => Promise<void>;
  /** Told how long this process stood still. */
  readonly stoodStill?: (model: string, kind: SwitchoverKind, ms: number) => void;
}

export interface Membership {
  readonly id: string;
  /** As this process works by it. */
  record(model: string): ModelRecord;
  /** Looks now. @throws what the store throws */
  look(): Promise<void>;
  /** @throws StaleGenerations when others may have moved without this process */
  assertFresh(): void;
  /** Resolves once this process may rely on what it knows. @throws what the store throws */
  whenFresh(): Promise<void>;
  /** How long the last move of a model made this process stand still. */
  stoodStillMs(model: string): number;
  /** Ends the looking; the process is waited for no more. */
  close(): Promise<void>;
}

/** The lease of this process ended: it may not write by what it knows. The batch is tried again. */
export class StaleGenerations extends Error {
  override readonly name = 'StaleGenerations';
}

interface Hold extends HeldShut {
  readonly switchoverId: string;
  readonly kind: SwitchoverKind;
  readonly sinceMs: number;
  isQuiet: boolean;
}

/** While a switchover is on. */
export const lookDuringSwitchoverEveryMs = 15;

/** The share of its lease that a process uses; the rest allows for the way to the store. */
const usedShare = 0.7;

/** @throws what the store throws */
export async function openMembership(ports: MembershipPorts): Promise<Membership> {
  const { id, models, store, gate, nowMs, limits, log } = ports;
  const records = new Map(models.map((model) => [model, { ...firstRecord(model), revision: 0 }]));
  const holds = new Map<string, Hold>();
  /** The last move of each model that this process is through with, whether or not the record still shows it. */
  const passed = new Map<string, string>();
  const stood = new Map<string, number>();
  const closing = new AbortController();
  let renewedMs = Number.NEGATIVE_INFINITY;
  let freshUntilMs = Number.NEGATIVE_INFINITY;
  /** Whether the state that this process reported to the store is out of date. */
  let outdated = true;
  let looking: Promise<void> | undefined;

  async function renew(): Promise<void> {
    const sentMs = nowMs();
    if (!outdated && sentMs - renewedMs < (limits.leaseMs * usedShare) / 4) return;
    outdated = false;
    const paused = [...holds.values()].filter(({ isQuiet }) => isQuiet).map(({ switchoverId }) => switchoverId);
    const taken = Object.fromEntries([...records].map(([model, { revision }]) => [model, revision]));
    try {
      await store.renew({ id, paused, taken }, limits.leaseMs);
    } catch (error) {
      outdated = true;
      throw error;
    }
    renewedMs = sentMs;
  }

  async function lookOnce(): Promise<void> {
    await renew();
    // The records are read after the renewal: from then on no switchover happens without this process.
    for (const record of await store.all()) if (records.has(record.model)) await take(record);
    freshUntilMs = renewedMs + limits.leaseMs * usedShare;
    if (outdated) await renew();
  }

  async function take(record: ModelRecord): Promise<void> {
    const { model, switchover } = record;
    const known = records.get(model);
    if (known && record.revision > known.revision) {
      await ports.taking?.(record);
      outdated = true;
    }
    records.set(model, record);
    const hold = holds.get(model);
    if (hold && hold.switchoverId !== switchover?.id) letGo(model, hold);
    if (!switchover) return;
    if (passed.get(model) === switchover.id) return store.end(model, switchover.id);
    if (hold?.switchoverId === switchover.id) await releaseHold(record, hold);
    else standStill(model, switchover);
  }

  function standStill(model: string, { id: switchoverId, kind }: NonNullable<ModelRecord['switchover']>): void {
    const hold: Hold = { ...gate.shut(`${kind} of ${model}`), switchoverId, kind, sinceMs: nowMs(), isQuiet: false };
    holds.set(model, hold);
    void hold.quiet.then(() => {
      hold.isQuiet = true;
      outdated = true;
    });
  }

  function letGo(model: string, { switchoverId, kind, sinceMs, open }: Hold): void {
    holds.delete(model);
    passed.set(model, switchoverId);
    open();
    const ms = nowMs() - sinceMs;
    stood.set(model, ms);
    ports.stoodStill?.(model, kind, ms);
    outdated = true;
  }

  /** The process that asked for the switchover may have died, so any other process can finish it. */
  async function releaseHold({ model, revision, switchover }: ModelRecord, hold: Hold): Promise<void> {
    if (switchover?.moved) {
      const living = await store.living();
      // Each process sees this by itself, and does not wait until the record says so.
      if (living.every(({ taken }) => (taken[model] ?? 0) >= revision)) letGo(model, hold);
    } else if (nowMs() - hold.sinceMs > limits.switchoverWithinMs)
      await store.takeBack(model, hold.switchoverId, false);
  }

  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function lookForEver(): Promise<void> {
    let isFailing = false;
    while (!closing.signal.aborted) {
      await pause(holds.size > 0 ? lookDuringSwitchoverEveryMs : limits.lookEveryMs, closing.signal);
      if (closing.signal.aborted) return;
      try {
        await look();
        isFailing = false;
      } catch (error) {
        if (!isFailing) log.warn({ err: error }, 'the generations could not be read; the process tries again');
        isFailing = true;
      }
    }
  }

  for (const model of models) await store.open(model);
  await look();
  const running = lookForEver();
  const isFresh = () => nowMs() < freshUntilMs;

  return {
    id,
    record: (model) => records.get(model) as ModelRecord,
    look,
    assertFresh() {
      if (!isFresh())
        throw new StaleGenerations('The generations may have been switched meanwhile; the process reads them again.');
    },
    async whenFresh() {
      if (!isFresh()) await look();
    },
    stoodStillMs: (model) => stood.get(model) ?? 0,
    async close() {
      closing.abort();
      await running;
      await looking?.catch(() => undefined);
      await store.leave(id).catch(() => undefined);
    },
  };
}
