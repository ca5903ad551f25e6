import { RequestMethod } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';

/** Where the probes answer, without the global prefix. */
export function probePaths(path: string): string[] {
  return [joinPath(path), joinPath(path, 'live'), joinPath(path, 'ready')];
}

/** The same with the global prefix of the application, where it applies. */
export function servedProbePaths(path: string, config: ApplicationConfig): string[] {
  const excluded = config.getGlobalPrefixOptions().exclude ?? [];
  return probePaths(path).map((probe) => {
    const isExcluded = excluded.some(
      ({ pathRegex, requestMethod }) =>
        (requestMethod === RequestMethod.ALL || requestMethod === RequestMethod.GET) && pathRegex.test(probe),
    );
    return isExcluded ? probe : joinPath(config.getGlobalPrefix(), probe);
  });
}

/** One slash in front and between, none at the end. */
export function joinPath(...parts: string[]): string {
  const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '');
  return `/${segments.join('/')}`;
}
