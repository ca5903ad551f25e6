import { registerAs } from '@nestjs/config';

/** `SENTINELS=host:port,host:port` and `SENTINEL_MASTER=mymaster`, or `REDIS_PORT` where there is one server. */
export const redisConfig = registerAs('redis', () => {
  const { SENTINELS, SENTINEL_MASTER = 'mymaster', REDIS_PORT = '6379' } = process.env;
  if (!SENTINELS) return { host: '127.0.0.1', port: Number(REDIS_PORT) };
  const sentinels = SENTINELS.split(',').map((address) => {
    const [host = '', port = '26379'] = address.split(':');
    return { host, port: Number(port) };
  });
  return { sentinels, name: SENTINEL_MASTER };
});
