import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { HealthIndicatorService } from '@nestjs/terminus';
import { healthControllerAt } from './health-controller.js';
import { RedisResilientHealthIndicator } from './health-indicator.js';
import { Instances } from './instances.js';
import { askProbe } from './probe-check.js';
import { servedProbePaths } from './probe-paths.js';
import { refuseTakenRoutes } from './taken-routes.js';

const PATH = Symbol.for('@redis-resilient/nestjs:probe-path');

/** The instances of an application and their indicator. One per application, whatever the number of instances. */
@Module({
  providers: [Instances, HealthIndicatorService, RedisResilientHealthIndicator],
  exports: [Instances, RedisResilientHealthIndicator],
})
export class RedisResilientInstancesModule {}

/** The one controller of a path. */
@Module({ imports: [RedisResilientInstancesModule] })
class RedisResilientHealthModule implements NestModule, OnApplicationBootstrap {
  private readonly logger = new Logger('RedisResilientHealth');
  private waits = false;

  constructor(
    @Inject(PATH) private readonly path: string,
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
    private readonly http: HttpAdapterHost,
  ) {}

  // Nest asks for middleware after `main.ts` has set the versioning and before the adapter sees a route. Later, Fastify would
  // have refused the second route with an error of its own, and Express would have let the first one win in silence.
  configure(): void {
    refuseTakenRoutes(this.path, RedisResilientHealthModule, this.modules, this.config);
  }

  /** A global guard or a middleware may stand before the probes. Only an answer shows whether it lets them pass. */
  onApplicationBootstrap(): void {
    // Nest calls the hook twice where `deferInitialization` is used.
    if (this.waits) return;
    this.waits = true;
    this.http.listen$.subscribe(() => void this.warnOfRefusal());
  }

  private async warnOfRefusal(): Promise<void> {
    const [path = '/'] = servedProbePaths(this.path, this.config);
    const status = await askProbe(this.http, path);
    if (status === undefined || status < 400 || status >= 500) return;
    this.logger.warn(
      `GET ${path} answers ${status} without credentials: as a liveness probe it would restart this application for ever. ` +
        "Let the global guard pass it: context.getClass().name === 'RedisResilientHealthController'; " +
        'a middleware has to leave out the path.',
    );
  }
}

const modules = new Map<string, DynamicModule>();

/** The probes below `path`. The same object for the same path, since Nest makes one module of each object. */
export function probesAt(path: string): DynamicModule {
  const known = modules.get(path);
  if (known) return known;
  const probes: DynamicModule = {
    module: RedisResilientHealthModule,
    controllers: [healthControllerAt(path)],
    providers: [{ provide: PATH, useValue: path }],
  };
  modules.set(path, probes);
  return probes;
}
