// Goal: a registry of others shows the series of several services, each once, and is as before after the services ended. Method: two
// services with series of each kind, in both text formats that Prometheus reads.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { shareSeries } from './shared-registry.ts';

function serviceWith(n: number): Registry {
  const registry = new Registry();
  new Counter({ name: 'done_total', help: 'done', labelNames: ['kind'], registers: [registry] }).inc({ kind: 'a' }, n);
  new Gauge({
    name: 'open',
    help: 'open',
    registers: [registry],
    collect() {
      this.set(n);
    },
  });
  new Histogram({ name: 'took_seconds', help: 'took', buckets: [1], registers: [registry] }).observe(n);
  return registry;
}

const formats = [Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE] as const;

test.each(formats)('each series stands there once, with the values of each service, as %s', async (format) => {
  const into = new Registry();
  into.setContentType(format as typeof Registry.PROMETHEUS_CONTENT_TYPE);
  into.setDefaultLabels({ team: 'x' });
  const [one, two] = [1, 2].map((n) => shareSeries(into, serviceWith(n), `s${n}`));
  for (const shared of [one, two, one]) shared?.show();
  for (let scrape = 0; scrape < 2; scrape += 1) {
    const lines = (await into.metrics()).split('\n').filter((line) => line !== '' && line !== '# EOF');
    expect(lines.filter((line) => line.startsWith('# TYPE'))).toHaveLength(3);
    expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
      'done_total{kind="a",service="s1",team="x"} 1',
      'done_total{kind="a",service="s2",team="x"} 2',
      'open{service="s1",team="x"} 1',
      'open{service="s2",team="x"} 2',
      'took_seconds_bucket{le="1",service="s1",team="x"} 1',
      'took_seconds_bucket{le="+Inf",service="s1",team="x"} 1',
      'took_seconds_sum{service="s1",team="x"} 1',
      'took_seconds_count{service="s1",team="x"} 1',
      'took_seconds_bucket{le="1",service="s2",team="x"} 0',
      'took_seconds_bucket{le="+Inf",service="s2",team="x"} 1',
      'took_seconds_sum{service="s2",team="x"} 2',
      'took_seconds_count{service="s2",team="x"} 1',
    ]);
  }
  one?.close();
  expect(await into.metrics()).not.toContain('s1');
  expect(await into.metrics()).toContain('s2');
  two?.close();
  expect(into.getMetricsAsArray()).toEqual([]);
});

test('a series of somebody else is refused by its name, and stays', async () => {
  const into = new Registry();
  new Counter({ name: 'open', help: 'of a team', registers: [into] });
  const shared = shareSeries(into, serviceWith(1), 's1');
  expect(() => shared.show()).toThrow(/has a series open of another part: give s1 a registry of its own/);
  shared.close();
  expect(into.getMetricsAsArray()).toHaveLength(1);
});
