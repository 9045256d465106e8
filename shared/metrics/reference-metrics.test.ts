// Goal: a scrape shows how many references wait, wait too long, or lead to what was removed.
// Method: a registry with this gauge alone; its text is read as Prometheus would.
import { Registry } from 'prom-client';
import { referenceMetrics } from './projector-metrics.ts';

test('references are shown by state', async () => {
  const registry = new Registry();
  referenceMetrics(registry, async () => ({ pending: 3, overdue: 2, removed: 1 }), 100);
  const text = await registry.metrics();
  expect(text.match(/^foldline_references\{.*/gm)).toEqual([
    'foldline_references{state="pending"} 3',
    'foldline_references{state="overdue"} 2',
    'foldline_references{state="removed"} 1',
  ]);
  expect(text).toMatch(/each counted up to 100/);
});

test('where they cannot be counted, the gauge has no values and the scrape goes on', async () => {
  const registry = new Registry();
  referenceMetrics(registry, () => Promise.reject(new Error('the store is away')), 100);
  expect(await registry.metrics()).not.toMatch(/^foldline_references\{/m);
});
