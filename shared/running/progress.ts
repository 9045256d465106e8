// Honest readiness: events that were stored must arrive, and "running" is not "arriving".
// The watch takes the newest stored event as its target. A source is stalled when this target has not been folded and no
// other event of the source was folded for a while. The watch asks the two ends only, never a connector or a broker.
import { groupBy, type HeldSubjects, kindOf, type ReadModel, reasonOf } from '../engine/index.ts';

export interface StoredPosition {
  readonly subject: string;
  readonly version: number;
}

export interface ProgressSource {
  /** For example `thing-events`. */
  readonly name: string;
  /** True when another service is asked: if that service does not answer, this service stays ready. */
  readonly foreign?: boolean;
  /** The newest event of the source; undefined when there is none. Rejects when the source cannot be asked. */
  newest(): Promise<StoredPosition | undefined>;
  /** See `arrivedIn`. */
  arrived(position: StoredPosition): Promise<boolean>;
}

/**
 * An event has arrived when its document is at its version, or its subject is held for a reason that is shown elsewhere;
 * an event of a kind that no model folds counts as arrived.
 */
export function arrivedIn(models: readonly ReadModel[], held: Pick<HeldSubjects, 'among'>): ProgressSource['arrived'] {
  const missing = missingIn(models, held);
  return async (position) => (await missing([position])).length === 0;
}

/** Of several events those that have not arrived. */
export function missingIn(
  models: readonly ReadModel[],
  held: Pick<HeldSubjects, 'among'>,
): (positions: readonly StoredPosition[]) => Promise<StoredPosition[]> {
  return async (positions) => {
    const byKind = groupBy(positions, ({ subject }) => kindOf(subject));
    const found = models.map(async ({ projection, documents }) => {
      const own = byKind.get(projection.kind) ?? [];
      if (own.length === 0) return [];
      const stored = await documents.read([...new Set(own.map(({ subject }) => subject))]);
      return own.filter(({ subject, version }) => (stored.get(subject)?.version ?? 0) < version);
    });
    const behind = (await Promise.all(found)).flat();
    if (behind.length === 0) return behind;
    const shown = await held.among([...new Set(behind.map(({ subject }) => subject))]);
    return behind.filter(({ subject }) => !shown.has(subject));
  };
}

export interface ProgressReport {
  readonly source: string;
  readonly foreign: boolean;
  readonly state: 'caught-up' | 'behind' | 'stalled' | 'paused' | 'unknown';
  readonly detail: string;
}

export interface ProgressWatch {
  /** Called for every batch, with the name of its source. */
  moved(source: string): void;
  /** Looks once; called every few seconds by the service. */
  look(): Promise<void>;
  reports(): readonly ProgressReport[];
}

interface Track {
  /** Since when the present look is on its way. */
  askedSinceMs: number | undefined;
  target: StoredPosition | undefined;
  /** When the target was first seen missing, or the source last moved, whichever is later. */
  quietSinceMs: number;
  report: ProgressReport;
}

/**
 * @param stalledAfterMs how long a backlog may lie without any progress before the source is called stalled, and how long a look may
 * take before the state is `unknown`
 * @param isPaused whether an operator paused the projection: then no source is stalled, and the time begins at the resume
 */
export function createProgressWatch(
  sources: readonly ProgressSource[],
  stalledAfterMs: number,
  nowMs: () => number,
  isPaused = () => false,
): ProgressWatch {
  const tracks = new Map<string, Track>();
  for (const { name, foreign = false } of sources) {
    tracks.set(name, {
      askedSinceMs: undefined,
      target: undefined,
      quietSinceMs: nowMs(),
      report: { source: name, foreign, state: 'unknown', detail: 'not looked at yet' },
    });
  }

  /** One look at a time: a server that is frozen must not be asked again and again. */
  async function lookOnce(source: ProgressSource): Promise<void> {
    const track = tracks.get(source.name) as Track;
    if (track.askedSinceMs !== undefined) return;
    track.askedSinceMs = nowMs();
    await lookAt(source, track);
    track.askedSinceMs = undefined;
  }

  /** When a look has had no answer for `stalledAfterMs`, the last report no longer holds, and the state is `unknown`. */
  function reportOf({ report, askedSinceMs }: Track): ProgressReport {
    const askedMs = askedSinceMs === undefined ? 0 : nowMs() - askedSinceMs;
    if (askedMs < stalledAfterMs) return report;
    const detail = `no answer for ${Math.round(askedMs / 1000)} s; ${report.state} before that: ${report.detail}`;
    return { ...report, state: 'unknown', detail };
  }

  async function lookAt(source: ProgressSource, track: Track): Promise<void> {
    const say = (state: ProgressReport['state'], detail: string) => {
      track.report = { ...track.report, state, detail };
    };
    try {
      if (track.target && (await source.arrived(track.target))) track.target = undefined;
      if (!track.target) {
        const newest = await source.newest();
        if (!newest || (await source.arrived(newest)))
          return say('caught-up', newest ? `${newest.subject} at version ${newest.version}` : 'no events yet');
        track.target = newest;
        track.quietSinceMs = nowMs();
      }
      const what = `${track.target.subject} at version ${track.target.version} is stored and has not arrived`;
      if (isPaused()) {
        track.quietSinceMs = nowMs();
        return say('paused', what);
      }
      const quietMs = nowMs() - track.quietSinceMs;
      if (quietMs < stalledAfterMs) return say('behind', what);
      say('stalled', `${what}; nothing of ${source.name} arrived for ${Math.round(quietMs / 1000)} s`);
    } catch (error) {
      say('unknown', `could not be asked: ${reasonOf(error)}`);
    }
  }

  return {
    moved(name) {
      const track = tracks.get(name);
      if (track) track.quietSinceMs = nowMs();
    },
    async look() {
      await Promise.all(sources.map(lookOnce));
    },
    reports: () => [...tracks.values()].map(reportOf),
  };
}
