import {
  type CallHandler,
  type CanActivate,
  Controller,
  type NestInterceptor,
  type PipeTransform,
  type Type,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { Observable } from 'rxjs';

import { assignment, patterns } from './assignment.js';
import { handle, handleDue } from './meter.js';

/** What every handler of the enhanced kind passes through. */
const pipe: PipeTransform = { transform: (value: unknown) => value };
const guard: CanActivate = { canActivate: () => true };
const interceptor: NestInterceptor = {
  intercept: (_context: unknown, next: CallHandler): Observable<unknown> => next.handle(),
};

@Controller()
class Plain {
  @EventPattern(patterns)
  on(@Payload() _data: unknown): void {
    handle();
  }
}

@Controller()
class Timed {
  @EventPattern(patterns)
  on(@Payload() data: { due: number }): void {
    handleDue(data);
  }
}

@UsePipes(pipe)
@UseGuards(guard)
@UseInterceptors(interceptor)
@Controller()
class Enhanced {
  @EventPattern(patterns)
  on(@Payload() _data: unknown): void {
    handle();
  }
}

const KINDS: Record<typeof assignment.handler, Type> = {
  plain: Plain,
  enhanced: Enhanced,
  bytes: Plain,
  timed: Timed,
};

/** The same controller for every transport. */
export const controller = KINDS[assignment.handler];
