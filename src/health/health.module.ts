import { type DynamicModule, Inject, Module, type NestModule } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { HealthIndicatorService } from '@nestjs/terminus';
import { healthControllerAt } from './health-controller.js';
import { RedisResilientHealthIndicator } from './health-indicator.js';
import { Instances } from './instances.js';
import { refuseTakenRoutes } from './taken-routes.js';

const PATH = Symbol.for('@redis-resilient/nestjs:probe-path');

/** The instances of an application and their indicator. One per application, whatever the number of instances. */
@Module({
  providers: [Instances, HealthIndicatorService, RedisResilientHealthIndicator],
  exports: [Instances, RedisResilientHealthIndicator],
})
export class InstancesModule {}

/** The one controller of a path. */
@Module({ imports: [InstancesModule] })
class ProbesModule implements NestModule {
  constructor(
    @Inject(PATH) private readonly path: string,
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
  ) {}

  // Nest asks for middleware after `main.ts` has set the versioning and before the adapter sees a route. Later, Fastify would
  // have refused the second route with an error of its own, and Express would have let the first one win in silence.
  configure(): void {
    refuseTakenRoutes(this.path, ProbesModule, this.modules, this.config);
  }
}

const modules = new Map<string, DynamicModule>();

/** The probes below `path`. The same object for the same path, since Nest makes one module of each object. */
export function probesAt(path: string): DynamicModule {
  const known = modules.get(path);
  if (known) return known;
  const probes: DynamicModule = {
    module: ProbesModule,
    controllers: [healthControllerAt(path)],
    providers: [{ provide: PATH, useValue: path }],
  };
  modules.set(path, probes);
  return probes;
}
