/**
 * What `process-shutdown.test.ts` starts: an application that answers requests, and ends at SIGTERM as Nest ends it. Its last
 * words are how many requests it has taken.
 */
import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { Controller, Injectable, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { delay, type Observable, of } from 'rxjs';
import { RedisResilientModule, RedisResilientServer } from '../../src/index.js';

/** How `main.ts` starts it. */
export type Start = 'bound by the module' | 'hybrid' | 'pure microservice';

const [start = '', host = '', port = ''] = process.argv.slice(2);
let taken = 0;

@Controller()
class Work {
  @MessagePattern('work')
  work(@Payload() n: number): Observable<number> {
    taken += 1;
    return of(n).pipe(delay(50));
  }
}

@Injectable()
class LastWords implements OnApplicationShutdown {
  onApplicationShutdown(): void {
    writeSync(1, `taken ${taken}\n`);
  }
}

@Module({
  imports: [RedisResilientModule.forRoot({ redis: { host, port: Number(port) } })],
  controllers: [Work],
  providers: [LastWords],
})
class AppModule {}

Logger.overrideLogger(false);

async function listen(): Promise<void> {
  if (start === 'pure microservice') {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
    const app = await NestFactory.createMicroservice(AppModule, {
      useFactory: (server: RedisResilientServer) => ({ strategy: server }),
      inject: [RedisResilientServer],
    });
    app.enableShutdownHooks();
    await app.listen();
    return;
  }
  const app = await NestFactory.create(AppModule);
  if (start === 'hybrid') app.connectMicroservice({ strategy: app.get(RedisResilientServer) });
  app.enableShutdownHooks();
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
}

await listen();
writeSync(1, 'listening\n');
