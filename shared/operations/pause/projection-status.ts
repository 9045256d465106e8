// Puts together what an operator asks first: whether a projection runs, its gap, its rate, and whether its models are right. Each part is
// asked for what it knows already; only expensive answers are cached, for a moment.
import { type CacheLimits, cachedAnswer, type ProgressReport, type ProgressWatch } from '../../running/index.ts';
import type { Resync, ResyncState } from '../resync/resync-ports.ts';
import type { Verifier } from '../verification/verifier.ts';
import type { FeedWatch } from './feed-watch.ts';
import { type PauseGate, pauseInWords } from './pause-gate.ts';
import type { Gap, GapSource, Pause, ProjectionState, ProjectionStatus, SourceStatus } from './projection-ports.ts';

export interface ProjectionPorts {
  readonly gaps: readonly GapSource[];
  readonly progress: Pick<ProgressWatch, 'reports'>;
  readonly watch: Pick<FeedWatch, 'oldestInHand' | 'eventsPerSecond'>;
  /** How many are held. It rejects when that is not known. */
  readonly heldCount: () => Promise<number>;
  readonly verifier: Pick<Verifier, 'models'>;
  /** The collection that is read now of each model, by the model's name. */
  readonly collections: () => ReadonlyMap<string, string>;
  /** Undefined where there is no log to lose a place in. */
  readonly resync?: Pick<Resync, 'state'> | undefined;
  /** The generations that are being filled beside the live ones. */
  readonly rebuilding?: () => readonly string[];
  readonly pauseGate: Pick<PauseGate, 'name' | 'current' | 'pause' | 'resume'>;
  readonly limits: CacheLimits;
  readonly nowMs: () => number;
}

export interface RunningProjection extends Pick<PauseGate, 'name' | 'pause' | 'resume'> {
  status(): Promise<ProjectionStatus>;
}

export function runningProjection(ports: ProjectionPorts): RunningProjection {
  const { pauseGate, progress, watch, verifier, resync, limits, nowMs } = ports;
  const { name } = pauseGate;
  const gaps = ports.gaps.map((source) => ({ ...source, count: cachedAnswer(source.count, limits, nowMs) }));

  async function sourceOf({ name: source, countedBy, count }: GapSource): Promise<SourceStatus> {
    const gap = await count().catch(() => undefined);
    const report = progress.reports().find((one) => one.source === source);
    return { name: source, state: report?.state ?? 'unknown', detail: report?.detail ?? '', countedBy, gap };
  }

  return {
    name,
    pause: pauseGate.pause,
    resume: pauseGate.resume,
    async status() {
      const [sources, held] = await Promise.all([
        Promise.all(gaps.map(sourceOf)),
        ports.heldCount().catch(() => undefined),
      ]);
      const gap = sumOf(sources.map((one) => one.gap));
      const pause = pauseGate.current();
      const oldest = watch.oldestInHand();
      const collections = ports.collections();
      return {
        name,
        pause,
        gap,
        held,
        sources,
        ...stateOf({ pause, resync: resync?.state(), rebuilding: ports.rebuilding?.() ?? [], sources, gap }),
        lagMs: oldest ? Math.max(0, nowMs() - oldest.getTime()) : gap?.events === 0 ? 0 : undefined,
        eventsPerSecond: watch.eventsPerSecond(),
        models: verifier.models().map(({ name: model, equalAt, doubt, last }) => ({
          name: model,
          collection: collections.get(model) ?? '',
          equalAt,
          doubt: doubt?.reason,
          last: last?.state,
        })),
      };
    },
  };
}

interface Known {
  readonly pause: Pause | undefined;
  readonly resync: ResyncState | undefined;
  readonly rebuilding: readonly string[];
  readonly sources: readonly SourceStatus[];
  readonly gap: Gap | undefined;
}

/** What was wanted comes first, then what is under way, then the worst of what the sources say. */
function stateOf({ pause, resync, rebuilding, sources, gap }: Known): Told {
  const worst = (state: ProgressReport['state'] & ProjectionState): Told | undefined => {
    const found = sources.find((one) => one.state === state);
    return found && { state, detail: `${found.name}: ${found.detail}` };
  };
  if (pause) return { state: 'paused', detail: pauseInWords(pause) };
  if (resync) return { state: 'resyncing', detail: resyncInWords(resync) };
  const stalled = worst('stalled');
  if (stalled) return stalled;
  if (rebuilding.length > 0) return { state: 'rebuilding', detail: rebuilding.join(', ') };
  const known = worst('behind') ?? worst('unknown');
  if (known) return known;
  // The reports are as old as the last look; what was counted is not.
  return { state: gap && gap.events > 0 ? 'behind' : 'running', detail: '' };
}

type Told = Pick<ProjectionStatus, 'state' | 'detail'>;

/** For example `thing-events (lost), 41250 of 100000 taken in`. */
function resyncInWords({ topic, reason, done, of }: ResyncState): string {
  return `${topic} (${reason}), ${of === undefined ? done : `${done} of ${of}`} taken in`;
}

function sumOf(gaps: readonly (Gap | undefined)[]): Gap | undefined {
  return gaps.reduce<Gap | undefined>(
    (sum, gap) => sum && gap && { events: sum.events + gap.events, isLeast: sum.isLeast || gap.isLeast },
    { events: 0, isLeast: false },
  );
}
