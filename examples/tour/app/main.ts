import 'reflect-metadata';

import { ConsoleLogger, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { AppModule } from './app.module.js';
import { tell } from './tell.js';

Logger.overrideLogger(new ConsoleLogger({ json: true }));
const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
tell({ url: await app.getUrl(), timeOrigin: performance.timeOrigin });
