import { afterAll, beforeAll, describe, expect } from '@jest/globals';

import { resolveOptions } from '../../src/options.js';
import type { RedisNode, TlsCertificate, Topology } from '../../src/testing/index.js';
import { makeCertificate } from '../support/certificate.js';
import { Stage } from '../support/stage.js';
import type { Subscriber } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();
let certificate: TlsCertificate;
let topology: Topology;
let demanding: RedisNode;

async function hears(subscriber: Subscriber, node: RedisNode, n: number): Promise<void> {
  await node.publish('orders.new', JSON.stringify({ n }));
  await subscriber.handled.first((message) => message.n === n);
}

async function lastErrorOf(subscriber: Subscriber): Promise<string> {
  subscriber.engine.start();
  await subscriber.becomes(({ lastError }) => lastError !== null);
  return subscriber.snapshot().lastError!;
}

describe('TLS', () => {
  beforeAll(async () => {
    certificate = await makeCertificate();
    const demand = { 'tls-auth-clients': 'yes' };
    [topology, demanding] = await Promise.all([
      stage.topology({ tls: certificate }),
      stage.redis({ tls: certificate, config: demand }),
    ]);
  });
  afterAll(() => stage.close());

  together({
    'to servers and Sentinels: heard, and heard again after a failover': async () => {
      const subscriber = await stage.subscriber(topology.clientOptions());
      await hears(subscriber, (await topology.masterOf())!, 1);
      const { node } = await topology.failover();
      await subscriber.becomes(({ live, master }) => live && master === addressOf(node));
      await hears(subscriber, node, 2);
      expect(subscriber.snapshot().sentinels).toMatchObject({ known: 3, answering: 3 });
    },

    'to the Sentinels alone needs sentinelTLS and nothing else': async () => {
      const { tls: _, enableTLSForSentinelMode: __, ...plain } = topology.clientOptions();
      const subscriber = stage.idleSubscriber(plain);
      subscriber.engine.start();
      await subscriber.becomes(({ sentinels }) => sentinels?.answering === 3);
      expect(subscriber.snapshot().live).toBe(false);
    },

    'by an authority that is not known: the message says what to give': async () => {
      const { tls: _, sentinelTLS: __, ...rest } = topology.clientOptions();
      const blind = { ...rest, tls: {}, sentinelTLS: {} };
      expect(await lastErrorOf(stage.idleSubscriber(blind))).toMatch(
        /No TLS connection to a Sentinel: .*certificate.* redis\.sentinelTLS\.ca/,
      );
      expect(await lastErrorOf(stage.idleSubscriber({ ...demanding.clientAddress, tls: {} }))).toMatch(
        /No TLS connection to Redis \(127\.0\.0\.1:\d+\): .*certificate.* redis\.tls\.ca/,
      );
    },

    'with a certificate of the client, where the server asks for one': async () => {
      const { clientAddress } = demanding;
      const { ca, cert, key } = certificate;
      const subscriber = await stage.subscriber({ ...clientAddress, tls: { ca, cert, key } });
      await hears(subscriber, demanding, 1);
      const refused = stage.idleSubscriber({ ...clientAddress, tls: { ca } });
      // The alert may be lost: the server closes the connection right behind it.
      expect(await lastErrorOf(refused)).toMatch(/redis\.tls\.cert and redis\.tls\.key|cannot be used/);
    },

    'to a name that does not stand in the certificate: the message says so': async () => {
      const { port } = demanding.clientAddress;
      const subscriber = stage.idleSubscriber({ host: 'localhost', port, family: 4, tls: certificate });
      expect(await lastErrorOf(subscriber)).toMatch(/No TLS connection to Redis .* redis\.tls\.servername/);
    },

    'that would be ignored behind Sentinels is refused': async () => {
      const redis = { sentinels: [{ host: 'a', port: 26379 }], name: 'mymaster', tls: {} };
      expect(() => resolveOptions({ redis })).toThrow(/"redis\.tls" .*enableTLSForSentinelMode/);
      expect(() => resolveOptions({ redis: { ...redis, enableTLSForSentinelMode: false } })).not.toThrow();
    },
  });
});

function addressOf(node: RedisNode): string {
  return `${node.clientAddress.host}:${node.clientAddress.port}`;
}
