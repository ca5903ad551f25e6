import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';
import { collectRedisResilientMetrics } from '@redis-resilient/nestjs/metrics';
import { collectDefaultMetrics } from 'prom-client';

import { AppModule } from './app.module.js';

// Before the application is created, so that nothing of its boot is missed.
collectDefaultMetrics();
collectRedisResilientMetrics();

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
process.send?.({ url: await app.getUrl() });
