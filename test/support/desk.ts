import type { MessageHandler } from '@nestjs/microservices';

import { resolveOptions } from '../../src/options.js';
import { poll } from '../../src/testing/index.js';
import { Complaints } from '../../src/transport/complaints.js';
import type { Consumer, ConsumerHost } from '../../src/transport/consumer.js';
import type { RedisResilientContext } from '../../src/transport/context.js';
import { createConsumers, isGlob } from '../../src/transport/create-consumers.js';
import { Workload } from '../../src/transport/workload.js';

interface Desk {
  published: { channel: string; packet: unknown }[];
  warnings: string[];
  lateDropped: number;
  overflows: string[];
  host: ConsumerHost;
  send(channel: string, payload: string, late?: boolean): void;
  done(): Promise<unknown>;
}

/** Everything between the socket and a handler, with a list where Redis would be. */
export function desk(
  subscription: string,
  handlers: MessageHandler[],
  given: Partial<ConsumerHost> = {},
): Desk {
  const warnings: string[] = [];
  const options = resolveOptions({ redis: { host: '127.0.0.1' } });
  const host: ConsumerHost = {
    instance: { instance: 'i1', name: null },
    workload: new Workload((message) => warnings.push(message)),
    complaints: new Complaints({ warn: (message) => warnings.push(message) }),
    maxPayloadBytes: Infinity,
    serializer: undefined,
    deserializer: undefined,
    hooks: undefined,
    toRoute: String,
    countLateDropped: () => (self.lateDropped += 1),
    openOverflow: (pattern) => {
      self.overflows.push(pattern);
      return { drop: () => undefined, close: () => undefined };
    },
    publish: async (channel, text) =>
      self.published.push({ channel: String(channel), packet: JSON.parse(text) }),
    ...given,
  };
  const consumers: Consumer[] = createConsumers(subscription, isGlob(subscription), handlers, options, host);
  const self: Desk = {
    published: [],
    warnings,
    lateDropped: 0,
    overflows: [],
    host,
    send: (channel, payload, late = false) => {
      for (const { accept } of consumers) accept(Buffer.from(channel), Buffer.from(payload), late);
    },
    done: () => poll(() => host.workload.unfinished === 0, { what: 'nothing unfinished' }),
  };
  return self;
}

/** A function as Nest hands it to a server, with the extras of its decorator. */
export function handler(
  body: (data: unknown, context: RedisResilientContext) => unknown,
  extras = {},
): MessageHandler {
  return Object.assign(body as MessageHandler, { extras });
}

/** A packet of Nest that asks for a reply. */
export const request = (data: unknown, id: unknown = 'r1', pattern = 'sum'): string =>
  JSON.stringify({ pattern, data, id });
