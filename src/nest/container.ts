import type { ModuleRef, NestContainer } from '@nestjs/core';
import { RedisResilientOptionsError } from '../errors.js';

/**
 * Nest's container, which `ModuleRef` keeps to itself: the one thing of Nest that is touched without being public (in 11 and 12).
 *
 * @throws RedisResilientOptionsError where Nest has moved it
 */
export function containerOf(moduleRef: ModuleRef): NestContainer {
  const { container } = moduleRef as unknown as { container?: Partial<NestContainer> };
  if (typeof container?.getModules === 'function') return container as NestContainer;
  throw new RedisResilientOptionsError(
    'autoBind',
    'This version of Nest does not let handlers be bound without a line in main.ts. Set autoBind: false and write ' +
      'app.connectMicroservice({ strategy: app.get(RedisResilientServer) }).',
  );
}
