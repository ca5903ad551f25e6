import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { RedisResilientOptionsError } from '../errors.js';
import { RedisResilientHealthIndicator } from './health-indicator.js';
import { Instances } from './instances.js';
import { probeBody } from './probe-body.js';
import { joinPath, probePaths } from './probe-paths.js';

/** Where the probes of a pure worker answer. */
export interface ServeProbesOptions {
  /** @default every address of the machine, because a kubelet asks from outside */
  host?: string;
  /** The instances with this `healthPath` are shown, below this path. @default 'health' */
  path?: string;
}

/**
 * Serves the probes of an application that has no HTTP of its own (`NestFactory.createMicroservice`), with nothing but
 * Node: `GET /health`, `/health/live` and `/health/ready`, as the controller answers them in an HTTP application. The server
 * keeps no process alive: it ends with the worker.
 *
 * @param port `0` for a free one
 * @throws Error of Node where the port is taken; RedisResilientOptionsError where no instance has this path
 */
export async function serveRedisResilientProbes(
  app: INestApplicationContext,
  port: number,
  { host, path = 'health' }: ServeProbesOptions = {},
): Promise<Server> {
  const indicator = app.get(RedisResilientHealthIndicator, { strict: false });
  const instances = app.get(Instances, { strict: false });
  if (instances.shownAt(path).length === 0) {
    throw new RedisResilientOptionsError(
      'path',
      `No RedisResilientModule has the healthPath "${path}": the probes would say ok of nothing. ` +
        'Give serveRedisResilientProbes the path of forRoot.',
    );
  }
  const paths = probePaths(path);
  const readyPath = joinPath(path, 'ready');

  const server = createServer((request, response) => {
    response.setHeader('Connection', 'close');
    const [asked = ''] = (request.url ?? '').split('?');
    if (!paths.includes(joinPath(asked))) {
      response.writeHead(404).end();
      return;
    }
    const probe = joinPath(asked) === readyPath ? 'ready' : 'live';
    const body = probeBody(probe, path, instances, indicator);
    response
      .writeHead(body.status === 'ok' ? 200 : 503, {
        'Cache-Control': 'no-store',
        'Content-Type': 'application/json; charset=utf-8',
      })
      .end(JSON.stringify(body));
  });
  server.unref();
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
