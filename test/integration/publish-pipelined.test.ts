import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { type RedisNode, startRedis } from '../../src/testing/index.js';
import { CountingProxy } from '../support/counting-proxy.js';
import { Transports } from '../support/transport.js';

@Controller()
class Echo {
  @MessagePattern('echo')
  echo(value: unknown): unknown {
    return value;
  }
}

const REQUESTS = 200;

let redis: RedisNode;
let proxy: CountingProxy;
let transports: Transports;

beforeAll(async () => {
  redis = await startRedis();
  proxy = await CountingProxy.to(redis.clientAddress);
  transports = new Transports(redis);
});
afterEach(() => transports.close());
afterAll(async () => {
  await proxy.stop();
  await redis.stop();
});

describe('what is published at once', () => {
  const behind = (): { redis: { host: string; port: number } } => ({
    redis: { host: proxy.host, port: proxy.port },
  });
  const numbers = Array.from({ length: REQUESTS }, (_, n) => n);

  it('goes out in one write: events of a client', async () => {
    const client = transports.client(behind());
    await firstValueFrom(client.emit('warm', 0), { defaultValue: undefined });
    proxy.take();
    await Promise.all(
      numbers.map((n) => firstValueFrom(client.emit('told', n), { defaultValue: undefined })),
    );
    const { commands, writes } = proxy.take();
    expect(commands).toBeGreaterThanOrEqual(REQUESTS);
    expect(writes).toBeLessThan(REQUESTS / 10);
  });

  it('goes out in a few writes: requests, and the replies of a server', async () => {
    await transports.serve(Echo, behind());
    const client = transports.client(behind());
    await firstValueFrom(client.send('echo', 'warm'));
    proxy.take();
    const replies = await Promise.all(numbers.map((n) => firstValueFrom(client.send('echo', n))));
    expect(replies).toEqual(numbers);
    const { commands, writes } = proxy.take();
    expect(commands).toBeGreaterThanOrEqual(2 * REQUESTS);
    expect(writes).toBeLessThan((2 * REQUESTS) / 10);
  });
});
