/**
 * Figures in the text format of Prometheus. The library is loaded by the first request for them: a command that starts a
 * service for one import never needs it.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { DURATION_BUCKETS_SECONDS, type Durations } from "../../core/work-meter.ts";
import { METRICS, type Labels, type MetricSource } from "./metric-table.ts";

/** Writes figures. */
export interface PrometheusWriter {
  readonly contentType: string;
  write(source: MetricSource): Promise<string>;
}

/** Makes a writer. From then on it watches the event loop and the garbage collector of this process, for its own figures. */
export function createPrometheusWriter(): PrometheusWriter {
  const registry = new Registry();
  const updates = Object.entries(METRICS).map(([name, metric]) => {
    const options = {
      name,
      help: metric.help,
      labelNames: [...metric.labels],
      registers: [registry],
    };
    switch (metric.type) {
      case "gauge": {
        const gauge = new Gauge(options);
        return (source: MetricSource) => {
          gauge.reset();
          // One without labels is 0 after a reset, and should be absent.
          if (metric.labels.length === 0) gauge.remove({});
          for (const [labels, value] of metric.read(source)) gauge.set(labels, value);
        };
      }
      case "counter": {
        const counter = new Counter(options);
        return (source: MetricSource) => {
          counter.reset();
          for (const [labels, value] of metric.read(source)) counter.inc(labels, value);
        };
      }
      case "histogram": {
        const histogram = new CountedHistogram(options);
        return (source: MetricSource) => {
          histogram.counted = metric.read(source);
        };
      }
      default:
        return metric satisfies never;
    }
  });
  collectDefaultMetrics({ register: registry });
  return {
    contentType: registry.contentType,
    write: (source) => {
      for (const update of updates) update(source);
      return registry.metrics();
    },
  };
}

/** A histogram whose durations were counted elsewhere. */
class CountedHistogram extends Histogram {
  counted: readonly (readonly [labels: Labels, value: Durations])[] = [];
  readonly #name: string;
  readonly #help: string;

  constructor(options: {
    name: string;
    help: string;
    labelNames: string[];
    registers: Registry[];
  }) {
    super({ ...options, buckets: [...DURATION_BUCKETS_SECONDS] });
    this.#name = options.name;
    this.#help = options.help;
  }

  /** What the registry asks a histogram for (prom-client 15.1.3, `lib/registry.js`). */
  getForPromString(): Promise<object> {
    const values = this.counted.flatMap(([labels, { buckets, count, seconds }]) => [
      ...buckets.map((value, index) =>
        this.#sample("bucket", { ...labels, le: DURATION_BUCKETS_SECONDS[index] ?? "" }, value),
      ),
      this.#sample("bucket", { ...labels, le: "+Inf" }, count),
      this.#sample("sum", labels, seconds),
      this.#sample("count", labels, count),
    ]);
    return Promise.resolve({ name: this.#name, help: this.#help, type: "histogram", values });
  }

  #sample(
    suffix: string,
    labels: Readonly<Record<string, string | number>>,
    value: number,
  ): object {
    return { metricName: `${this.#name}_${suffix}`, labels, value };
  }
}
