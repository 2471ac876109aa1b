import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, context } from '@opentelemetry/api';
import type { Context, ContextManager } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** Where and how an emitter posts. */
export interface EmitterTarget {
  /** Base address; `/v1/traces` is appended. */
  readonly url: string;
  readonly encoding: 'json' | 'protobuf';
  readonly headers?: Record<string, string>;
}

export const emitterServiceName = 'weather-service';

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

/** A provider that posts to `target`; call `shutdown` to flush it. */
export function startTracing(target: EmitterTarget): TracerProvider {
  context.setGlobalContextManager(new AsyncContextManager());
  const Exporter = target.encoding === 'json' ? JsonExporter : ProtobufExporter;
  const exporter = new Exporter({
    url: `${target.url}/v1/traces`,
    headers: target.headers ?? {},
    compression: CompressionAlgorithm.GZIP,
  });
  return new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': emitterServiceName,
      'service.instance.id': 'pod-3',
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
}
