import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { HttpAdapterHost } from '@nestjs/core';

/** Milliseconds after which the answer is of no interest any more. */
const DEADLINE = 2000;

/**
 * Asks the application for one of its own probes, as a kubelet would, once it listens.
 *
 * @returns the status, or `undefined` where it could not be asked
 */
export async function askProbe(host: HttpAdapterHost, path: string): Promise<number | undefined> {
  const server = host.httpAdapter.getHttpServer() as Server;
  const address = server.address();
  if (address === null) return undefined;
  return new Promise((resolve) => {
    const options = {
      ...destination(address),
      path,
      headers: { 'user-agent': 'redis-resilient probe check' },
      agent: false as const,
      timeout: DEADLINE,
      rejectUnauthorized: false,
    };
    const answered = (response: IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode);
    };
    const asked =
      server instanceof TlsServer ? requestHttps(options, answered) : requestHttp(options, answered);
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}

function destination(address: AddressInfo | string): { socketPath: string } | { host: string; port: number } {
  if (typeof address === 'string') return { socketPath: address };
  const isAnywhere = address.address === '::' || address.address === '0.0.0.0';
  return { host: isAnywhere ? 'localhost' : address.address, port: address.port };
}
