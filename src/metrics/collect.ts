import { type Channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Metric, Registry, register as defaultRegister } from 'prom-client';
import {
  canaryChannel,
  gapChannel,
  instanceChannel,
  linkChannel,
  liveInstances,
  messageChannel,
  pingChannel,
  publishFailedChannel,
} from '../channels.js';
import { refuse } from '../option-checks.js';
import { EventMetrics } from './event-metrics.js';
import { MessageMetrics } from './message-metrics.js';
import { type RedisResilientMetricsOptions, resolveMetricsOptions } from './metrics-options.js';
import { registerStateMetrics } from './state-metrics.js';

/**
 * Turns what the instances of this process tell into Prometheus metrics, of those opened already and of those to come. Figures
 * that are states are read when they are asked for; counters count from this call on.
 *
 * @returns a function that stops it and takes the metrics out of the register
 * @throws RedisResilientOptionsError that names the option, its value and the remedy
 */
export function collectRedisResilientMetrics(options: RedisResilientMetricsOptions = {}): () => void {
  const resolved = resolveMetricsOptions(options);
  const register = options.register ?? defaultRegister;
  const own = new Registry();
  const events = new EventMetrics(resolved, own);
  const messages = new MessageMetrics(resolved, own);
  registerStateMetrics(resolved.prefix, own);
  const metrics = own.getMetricsAsArray() as unknown as Metric[];
  if (metrics.some((metric) => register.getSingleMetric(nameOf(metric)))) refuseTaken(resolved.prefix);
  for (const metric of metrics) register.registerMetric(metric);

  const ends = [
    listen(instanceChannel, events.instance),
    listen(gapChannel, events.gap),
    listen(linkChannel, events.link),
    listen(pingChannel, events.ping),
    listen(canaryChannel, events.canary),
    listen(publishFailedChannel, events.publishFailed),
    listen(messageChannel, messages.message),
  ];
  for (const instance of liveInstances().values()) events.instance(instance);

  return () => {
    for (const end of ends) end();
    for (const metric of metrics) register.removeSingleMetric(nameOf(metric));
  };
}

/** @returns a function that ends it */
function listen({ name }: Channel, listener: (event: never) => void): () => void {
  const onMessage = (event: unknown): void => listener(event as never);
  subscribe(name, onMessage);
  return () => void unsubscribe(name, onMessage);
}

function nameOf(metric: Metric): string {
  return (metric as unknown as { readonly name: string }).name;
}

function refuseTaken(prefix: string): never {
  refuse(
    'metrics.prefix',
    'one that is free in this register',
    `"${prefix}", which is taken`,
    'Call collectRedisResilientMetrics once, stop the other one first, or give another prefix or register.',
  );
}
