// Lets an operator pause a projection, in every process that runs it and across restarts. The wanted state is stored; each process reads
// it and shuts its gate. While the gate is shut nothing is handled, and no offset and no checkpoint moves.

import { type Clock, Failure, type Logger } from '../../engine/index.ts';
import { createTurns, type FeedGate, type HeldShut, pause as wait } from '../../running/index.ts';
import type { Retrier } from '../held/retry-ports.ts';
import type { Pause } from './projection-ports.ts';

/** The store of the pauses that operators asked for. */
export interface Pauses {
  read(projection: string): Promise<Pause | undefined>;
  /** @returns the pause that holds now: this one, or the one that was there */
  begin(projection: string, pause: Pause): Promise<Pause>;
  /** @returns the pause that was there */
  end(projection: string): Promise<Pause | undefined>;
}

export interface PausePorts {
  /** Of the projection. */
  readonly name: string;
  readonly pauses: Pauses;
  readonly gate: Pick<FeedGate, 'shut' | 'reasons' | 'close'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The longest delay until this process follows a pause or a resume of another process, without the time of one look. */
  readonly lookEveryMs: number;
}

/** What holds now, and whether the call changed anything. */
export interface PauseChange {
  readonly pause: Pause | undefined;
  readonly isChanged: boolean;
}

export interface PauseGate {
  readonly name: string;
  /** As this process knows it. */
  current(): Pause | undefined;
  isPaused(): boolean;
  /** Why nothing is handled now: a pause, or a switchover; empty while it goes on. */
  reasons(): readonly string[];
  /** @throws Failure `projection-paused`, for what would have to wait for an operator */
  assertRunning(): void;
  /** This process stands still when it returns, but for what it was writing. */
  pause(by: string, reason: string): Promise<PauseChange>;
  resume(): Promise<PauseChange>;
  /** Closes the gate at the end of the process, because work that waits there would wait for an operator. */
  close(): Promise<void>;
}

/** To be called before anything is fed: a process that was paused when it ended stands still from its beginning. */
export async function openPauseGate({ name, pauses, gate, clock, log, lookEveryMs }: PausePorts): Promise<PauseGate> {
  const closing = new AbortController();
  let current: Pause | undefined;
  let shut: HeldShut | undefined;
  let isBlind = false;

  /** One after the other: a look that began before a call must not undo what the call did. */
  const inTurn = createTurns();

  function follow(wanted: Pause | undefined): void {
    current = wanted;
    if (wanted && !shut) {
      shut = gate.shut(`${name} is paused ${pauseInWords(wanted)}`);
      log.warn({ projection: name, ...wanted }, 'the projection is paused');
    } else if (!wanted && shut) {
      shut.open();
      shut = undefined;
      log.info({ projection: name }, 'the projection goes on');
    }
  }

  async function look(): Promise<void> {
    try {
      follow(await pauses.read(name));
      isBlind = false;
    } catch (error) {
      // The gate stays as it was when the wanted state was last known.
      if (!isBlind)
        log.warn(
          { err: error, projection: name },
          'the state of the pause could not be read; the projection stays as it was',
        );
      isBlind = true;
    }
  }

  async function lookForEver(): Promise<void> {
    while (!closing.signal.aborted) {
      await wait(lookEveryMs, closing.signal);
      if (!closing.signal.aborted) await inTurn(look);
    }
  }

  follow(await pauses.read(name));
  const looking = lookForEver();
  return {
    name,
    current: () => current,
    isPaused: () => current !== undefined,
    reasons: gate.reasons,
    assertRunning() {
      if (!current) return;
      const detail = `${name} is paused ${pauseInWords(current)}. Nothing is written until it is resumed.`;
      throw new Failure('projection-paused', detail);
    },
    pause: (by, reason) =>
      inTurn(async () => {
        const wanted = { since: clock.now(), by, reason };
        const holds = await pauses.begin(name, wanted);
        follow(holds);
        return { pause: holds, isChanged: holds === wanted };
      }),
    resume: () =>
      inTurn(async () => {
        const was = await pauses.end(name);
        follow(undefined);
        return { pause: undefined, isChanged: was !== undefined };
      }),
    async close() {
      closing.abort();
      await looking;
      gate.close();
    },
  };
}

/** For example `since 2030-01-01T00:00:00.000Z by ops: maintenance`. */
export function pauseInWords({ since, by, reason }: Pause): string {
  return `since ${since.toISOString()} by ${by}${reason === '' ? '' : `: ${reason}`}`;
}

/** The retrier for callers that want a write now: it refuses at once, where it would have to wait until the projection is resumed. */
export function retrierUnderPause(retrier: Retrier, { assertRunning }: Pick<PauseGate, 'assertRunning'>): Retrier {
  return {
    ...retrier,
    async retry(key) {
      assertRunning();
      return retrier.retry(key);
    },
    async retryAfter(key, limit) {
      assertRunning();
      return retrier.retryAfter(key, limit);
    },
  };
}
