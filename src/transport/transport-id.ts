/**
 * The transport id of an instance: what a handler names to be bound to it, as in
 * `@MessagePattern('orders.*', getTransportId('billing'))`. The same symbol from every copy of this package in a process.
 *
 * @param name of the module instance; the unnamed one by default
 */
export function getTransportId(name?: string): symbol {
  return Symbol.for(name === undefined ? TRANSPORT : `${TRANSPORT}:${name}`);
}

const TRANSPORT = '@redis-resilient/nestjs:transport';
