// Shows the series of a service in a registry that others made. Several services may share one: a series stands there once, and the
// label `service` tells whose the values are.
import type { Metric, MetricObjectWithValues, MetricValue, Registry } from 'prom-client';

/** What a registry asks of a metric; the types of prom-client leave most of it out. */
interface Asked {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  get(): Promise<MetricObjectWithValues<MetricValue<string>>>;
}

/** By registry and name: the services that have this series. */
const shown = new WeakMap<Registry, Map<string, Map<string, Asked>>>();

export interface SharedSeries {
  /** Shows what the service registered since the last call. @throws Error naming a series that somebody else has there */
  show(): void;
  close(): void;
}

export function shareSeries(into: Registry, own: Registry, service: string): SharedSeries {
  const series = shown.get(into) ?? new Map<string, Map<string, Asked>>();
  shown.set(into, series);
  return {
    show() {
      for (const metric of own.getMetricsAsArray() as unknown as Asked[]) {
        const { name } = metric;
        const services = series.get(name) ?? new Map<string, Asked>();
        if (services.size === 0) {
          if (into.getSingleMetric(name))
            throw new Error(
              `The given metrics registry has a series ${name} of another part: give ${service} a registry of its own, or rename that series.`,
            );
          into.registerMetric(seriesOfAll(metric, services) as unknown as Metric);
          series.set(name, services);
        }
        services.set(service, metric);
      }
    },
    close() {
      for (const [name, services] of series) {
        if (services.delete(service) && services.size === 0) {
          into.removeSingleMetric(name);
          series.delete(name);
        }
      }
    },
  };
}

/** A registry asks nothing else of a metric. */
function seriesOfAll({ name, help, type }: Asked, services: Map<string, Asked>) {
  return {
    name,
    help,
    type,
    async get() {
      const all = await Promise.all(
        [...services].map(async ([service, metric]) => {
          const { values, ...about } = await metric.get();
          return { ...about, values: values.map((value) => ({ ...value, labels: { ...value.labels, service } })) };
        }),
      );
      const [first] = all;
      return { ...first, name: this.name, values: all.flatMap(({ values }) => values) };
    },
    reset() {
      // The values belong to the services.
    },
  };
}
