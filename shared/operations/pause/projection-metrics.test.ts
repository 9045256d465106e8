// Goal: a scrape shows how far a projection is behind, and nothing where nobody knows. Method: a registry with these gauges alone.
import { Registry } from 'prom-client';
import { projectionMetrics } from './projection-checks.ts';
import type { ProjectionStatus } from './projection-ports.ts';

const source = (name: string, events: number | undefined): ProjectionStatus['sources'][number] => ({
  name,
  state: 'behind',
  detail: '',
  countedBy: 'offsets',
  gap: events === undefined ? undefined : { events, isLeast: false },
});

const pause = { since: new Date(0), by: 'ops', reason: '' };

async function seriesOf(
  status: () => Promise<Pick<ProjectionStatus, 'sources' | 'lagMs' | 'pause'>>,
): Promise<string[]> {
  const registry = new Registry();
  projectionMetrics(registry, { name: 'things', status: status as () => Promise<ProjectionStatus> });
  return (await registry.metrics()).match(/^foldline_.*/gm) ?? [];
}

test('the gap of each source and the lag, as far as they are known', async () => {
  expect(
    await seriesOf(async () => ({ sources: [source('a', 7), source('b', undefined)], lagMs: 1500, pause })),
  ).toEqual([
    'foldline_gap_events{projector="things",source="a"} 7',
    'foldline_lag_seconds{projector="things"} 1.5',
    'foldline_projection_paused{projector="things"} 1',
  ]);
  expect(await seriesOf(async () => ({ sources: [], lagMs: undefined, pause: undefined }))).toEqual([
    'foldline_projection_paused{projector="things"} 0',
  ]);
});

test('where it cannot be asked, there are no values and the scrape goes on', async () => {
  expect(await seriesOf(() => Promise.reject(new Error('the store is away')))).toEqual([]);
});
