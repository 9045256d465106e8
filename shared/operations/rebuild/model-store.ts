// Where processes agree on the generations of their models: records that are changed by one update each, and the leases of the processes.
// The store's own clock judges every condition on time, never the clock of a process.
import type { Backfill, ModelRecord, Pointers, Switchover } from './model-record.ts';

/** What a process says of itself. */
export interface ProcessState {
  readonly id: string;
  /** The switchovers for which it stands still, with nothing half-written. */
  readonly paused: readonly string[];
  /** The revision of each model that it works by. */
  readonly taken: Readonly<Record<string, number>>;
}

export interface ModelStore {
  /** Makes a model known, with its first generation, when it is not. */
  open(model: string): Promise<void>;
  all(): Promise<readonly ModelRecord[]>;

  /** Says that this process lives for `leaseMs` from now on. */
  renew(state: ProcessState, leaseMs: number): Promise<void>;
  /** All whose lease lasts. */
  living(): Promise<readonly ProcessState[]>;
  leave(processId: string): Promise<void>;

  /** Asks for a switchover, which must be made within the time. @returns false when the record is at another revision, or in a switchover */
  ask(
    record: Pick<ModelRecord, 'model' | 'revision'>,
    move: Pick<Switchover, 'id' | 'kind'>,
    withinMs: number,
  ): Promise<boolean>;
  /** Makes the switchover: one update. @returns false when its time is over, or it was taken back */
  carryOut(model: string, switchoverId: string, change: Pointers): Promise<boolean>;
  /** Takes a request back that was not carried out; unless `force`, only when its time is over. @returns whether it did */
  takeBack(model: string, switchoverId: string, force: boolean): Promise<boolean>;
  /** Ends a switchover that was carried out: all have taken it over. */
  end(model: string, switchoverId: string): Promise<void>;

  /** Stores how far a backfill is. @returns false when the generation is gone, or another process fills it */
  reportBackfill(model: string, generation: string, backfill: Backfill): Promise<boolean>;
  /** Takes a backfill over from a process that does not live. @returns whether it did */
  takeBackfill(model: string, generation: string, from: string, by: string): Promise<boolean>;
  /** From now on it follows. @returns false when the generation is gone, or another process fills it */
  backfilled(model: string, generation: string, by: string): Promise<boolean>;
  /** Strikes a collection off those that are to be dropped. */
  dropped(model: string, generation: string): Promise<void>;
}
