import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, context } from '@opentelemetry/api';
import type { Context, ContextManager } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** Keeps the active span across awaits, as OpenTelemetry's own Node context manager does. */
class AsyncContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    run: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => run.call(thisArg, ...args));
  }
  bind<T>(_: Context, target: T): T {
    return target;
  }
  enable(): this {
    return this;
  }
  disable(): this {
    return this;
  }
}

/** OTLP's two encodings, each with an exporter package of its own. */
export type ExporterEncoding = 'json' | 'protobuf';

/**
 * A provider whose exporter takes address, key and compression from the environment
 * (`OTEL_EXPORTER_OTLP_*`), as in a real agent; call `shutdown` to flush it.
 */
export function startTracing(encoding: ExporterEncoding): TracerProvider {
  context.setGlobalContextManager(new AsyncContextManager());
  const exporter = encoding === 'json' ? new JsonExporter() : new ProtobufExporter();
  return new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'weather-service',
      'service.instance.id': 'pod-3',
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
}
