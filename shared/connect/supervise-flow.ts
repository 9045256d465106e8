// Watches that each connector moves on, and heals one that does not. A connector with heartbeats stores another position every few seconds,
// also while its collection is quiet; a position that stays the same is that of a connector whose change stream is closed, whatever its status
// says. A position is an opaque value: only whether it changed is looked at. The ladder: restart, then begin anew, then an alarm.

import { rootReasonOf } from '../engine/index.ts';
import { beginAnew, isCopying, unmarked } from './begin-anew.ts';
import { type Counts, copiesExisting } from './collection-counts.ts';
import type { ConnectorFile } from './connector-file.ts';
import { type ConnectorHealth, isFailed } from './health.ts';
import type { AtWorker } from './wait.ts';

export type FlowEvent =
  /** The connector stored no other position for so long, and this step is taken. */
  | { readonly type: 'stalled'; readonly name: string; readonly quietMs: number; readonly step: FlowStep }
  | { readonly type: 'flows'; readonly name: string; readonly quietMs: number }
  /** Told once: no step is left, or the next one failed. */
  | { readonly type: 'flow-alarm'; readonly name: string; readonly reason: string };

export type FlowStep = 'restart' | 'begin-anew';

export interface FlowCare {
  readonly files: readonly ConnectorFile[];
  /** How many documents each connector would copy. A connector whose documents cannot be counted is left alone: MongoDB may be away. */
  count(files: readonly ConnectorFile[]): Promise<Counts>;
  readonly limits: FlowLimits;
}

export interface FlowLimits {
  /** Longer than a worker takes to store a position (`offset.flush.interval.ms`, a minute unless set). A connector that stores no other position for so long is stalled; a longer heartbeat of its own counts three times. */
  readonly stalledAfterMs: number;
  /** How long the restart of a stalled connector may take before it begins anew. */
  readonly restartedWithinMs: number;
  /** A connector that would copy more begins anew only when a person says so. */
  readonly copiedDocumentsMax: number;
  /** The shortest time between two beginnings of one connector. */
  readonly anewEveryMs: number;
}

/** How the position of a connector without one is written. */
const none = '[]';

interface Watched {
  position: string | undefined;
  /** When the position was first seen. */
  sinceMs: number;
  restartedMs: number | undefined;
  /** Since when it stands still, over all steps that were taken. */
  stalledSinceMs: number | undefined;
  /** When it last began anew here. */
  anewMs: number | undefined;
  isTold: boolean;
  /** Whether a step failed and was told. */
  isFailing: boolean;
  /** It was stopped here to begin anew, and has not begun yet. */
  isBeginning: boolean;
}

interface Flow {
  /** @param health of the connectors, from the same look */
  look(health: readonly ConnectorHealth[]): Promise<void>;
}

export function careForFlow(
  { files, count, limits }: FlowCare,
  at: AtWorker,
  onEvent: (event: FlowEvent) => void,
  nowMs: () => number = () => performance.now(),
): Flow {
  const watched = new Map<string, Watched>();
  /** Without heartbeats a quiet collection looks like a connector that stands still. */
  const beating = files.filter((file) => heartbeatMs(file) > 0 && copiesExisting(file));

  async function tend(file: ConnectorFile, health: ConnectorHealth | undefined): Promise<void> {
    const { name } = file;
    const before = watched.get(name);
    if (before?.isBeginning && health?.state === 'STOPPED') return begin(file, before);
    // Neither a pause of somebody else nor a worker that rebalances says anything of the position.
    if (!health || !(health.running || isFailed(health))) {
      if (before) Object.assign(before, { position: undefined, stalledSinceMs: undefined });
      return;
    }
    // All of them: the file that runs may have another `offset.partition.name` than the one that was read here.
    const offsets = ((await at.rest.offsets(name)) ?? []).filter(({ offset }) => offset !== null);
    const one = watched.get(name);
    // One that never stored a position cannot be judged, unless it began anew here.
    if (offsets.length === 0 && one?.position !== none) return;
    const position = JSON.stringify(offsets.map(({ offset }) => offset));
    if (!one || one.position !== position || isCopying(offsets)) return moved(name, one, position);
    const quietMs = nowMs() - one.sinceMs;
    if (quietMs < Math.max(limits.stalledAfterMs, 3 * heartbeatMs(file))) return;
    await climb(file, one, quietMs);
  }

  function moved(name: string, one: Watched | undefined, position: string): void {
    if (one?.stalledSinceMs !== undefined)
      onEvent({ type: 'flows', name, quietMs: Math.round(nowMs() - one.stalledSinceMs) });
    const fresh = { position, sinceMs: nowMs(), restartedMs: undefined, stalledSinceMs: undefined };
    watched.set(name, { ...fresh, isTold: false, isFailing: false, isBeginning: false, anewMs: one?.anewMs });
  }

  async function climb(file: ConnectorFile, one: Watched, quietMs: number): Promise<void> {
    const { name } = file;
    if (one.isTold) return;
    const documents = (await count([file])).get(name);
    if (documents === undefined) {
      // Nothing can flow while MongoDB is away: the time begins when it answers.
      Object.assign(one, { sinceMs: nowMs(), restartedMs: undefined });
      return;
    }
    const told = { type: 'stalled', name, quietMs: Math.round(quietMs) } as const;
    if (one.restartedMs === undefined) {
      Object.assign(one, { restartedMs: nowMs(), stalledSinceMs: one.sinceMs });
      onEvent({ ...told, step: 'restart' });
      await at.rest.restart(name, false);
      return;
    }
    if (nowMs() - one.restartedMs < limits.restartedWithinMs) return;
    const obstacle = whyNotAnew(documents, one);
    if (obstacle !== undefined) {
      one.isTold = true;
      onEvent({ type: 'flow-alarm', name, reason: obstacle });
      return;
    }
    one.anewMs = nowMs();
    onEvent({ ...told, step: 'begin-anew' });
    await begin(file, one);
  }

  async function begin(file: ConnectorFile, one: Watched): Promise<void> {
    const { name } = file;
    one.isBeginning = true;
    // The file may have been changed, or applied from another folder, since this process read it; an operator may have left a mark.
    const { name: _, ...config } = unmarked((await at.rest.config(name)) ?? file.config);
    await beginAnew({ ...file, config }, at);
    // It has no position now, and moves on when it has stored one.
    Object.assign(one, { position: none, sinceMs: nowMs(), isBeginning: false, isFailing: false });
  }

  function whyNotAnew(documents: number, { anewMs }: Watched): string | undefined {
    if (anewMs !== undefined && nowMs() - anewMs < limits.anewEveryMs)
      return 'it began anew already, and stands still again: npm run connect -- doctor';
    if (documents > limits.copiedDocumentsMax)
      return `it would copy ${documents} documents, more than ${limits.copiedDocumentsMax}: npm run connect -- refill, when the time is right`;
    return undefined;
  }

  return {
    async look(health) {
      for (const file of beating) {
        try {
          await tend(
            file,
            health.find(({ name }) => name === file.name),
          );
        } catch (error) {
          if (at.signal?.aborted) return;
          const one = watched.get(file.name);
          if (one && !one.isFailing) onEvent({ type: 'flow-alarm', name: file.name, reason: rootReasonOf(error) });
          if (one) one.isFailing = true;
        }
      }
    },
  };
}

function heartbeatMs({ config }: ConnectorFile): number {
  return Number(config['heartbeat.interval.ms'] ?? 0) || 0;
}
