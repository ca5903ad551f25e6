import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as common from '@nestjs/common';
import type * as core from '@nestjs/core';
import type * as microservices from '@nestjs/microservices';
import type * as rxjs from 'rxjs';

/** One copy of Nest, so that the same handlers can be written for each. */
export interface NestKit {
  readonly common: typeof common;
  readonly core: typeof core;
  readonly microservices: typeof microservices;
  readonly rxjs: typeof rxjs;
}

/** The copy that a folder has among its packages. */
export function nestKitOf(folder: string): NestKit {
  const load = createRequire(join(folder, 'package.json'));
  return {
    common: load('@nestjs/common') as NestKit['common'],
    core: load('@nestjs/core') as NestKit['core'],
    microservices: load('@nestjs/microservices') as NestKit['microservices'],
    rxjs: load('rxjs') as NestKit['rxjs'],
  };
}
