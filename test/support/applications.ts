import type {
  INestApplication,
  INestApplicationContext,
  INestMicroservice,
  NestApplicationOptions,
  Type,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { CapturedLogs } from './captured-logs.js';

/** Nest applications of one test, with what they log; all closed by `closeAll()`. */
export class Applications {
  readonly #open: INestApplicationContext[] = [];
  logs = new CapturedLogs();

  /** An HTTP application that is not initialised yet. */
  async create(module: Type, ...adapter: [AbstractHttpAdapter?]): Promise<INestApplication> {
    const options = this.options();
    const [http] = adapter;
    return this.keep(
      await (http ? NestFactory.create(module, http, options) : NestFactory.create(module, options)),
    );
  }

  /** A microservice that is not initialised yet. */
  async microservice(module: Type, options: object): Promise<INestMicroservice> {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
    return this.keep(await NestFactory.createMicroservice(module, { ...options, ...this.options() }));
  }

  /** An initialised application without a server, as for a script. */
  async context(module: Type): Promise<INestApplicationContext> {
    return this.keep(await NestFactory.createApplicationContext(module, this.options()));
  }

  /** An HTTP application that listens on a free port. */
  async start(
    module: Type,
    prepare: (app: INestApplication) => unknown = () => undefined,
  ): Promise<INestApplication> {
    const app = await this.create(module);
    await prepare(app);
    await app.listen(0, '127.0.0.1');
    return app;
  }

  private keep<App extends INestApplicationContext>(app: App): App {
    this.#open.push(app);
    return app;
  }

  /** Closes one before the others; Nest runs the shutdown hooks again for every `close()`. */
  async close(app: INestApplicationContext): Promise<void> {
    this.#open.splice(this.#open.indexOf(app), 1);
    await app.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((app) => app.close()));
    this.logs = new CapturedLogs();
  }

  /** Logs are captured, errors are thrown. */
  private options(): NestApplicationOptions {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
    return { logger: this.logs, abortOnError: false };
  }
}
