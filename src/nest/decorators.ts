import { Inject } from '@nestjs/common';
import type { Gap } from '../subscription/gap.js';
import { tokenOf } from './tokens.js';

/** When a gap handler is called: once live again, or once the old link has ended and no message of the gap can come any more. */
export interface OnSubscriptionGapOptions {
  /** `closed`: live again; `settled`: nothing of the gap can come any more. @default 'closed' */
  on?: 'closed' | 'settled';
}

/** What a gap handler receives. */
export interface SubscriptionGap extends Gap {
  /** Name of the module instance, `null` for the unnamed one. */
  readonly name: string | null;
}

const GAP_HANDLER = '@redis-resilient/nestjs:gap-handler';

/**
 * The method is called with a `SubscriptionGap` after every stretch of time in which messages may have been missed: the place to
 * read what happened meanwhile from where it is kept. What it throws is logged and harms nothing.
 */
export function OnSubscriptionGap({ on = 'closed' }: OnSubscriptionGapOptions = {}): MethodDecorator {
  return (_target, _name, descriptor) => {
    const method = descriptor.value as object;
    Reflect.defineMetadata(GAP_HANDLER, [...gapPhasesOf(method), on], method);
  };
}

/** The phases that a method was decorated with; none for a method that handles no gaps. */
export function gapPhasesOf(method: unknown): readonly Gap['phase'][] {
  if (typeof method !== 'function') return [];
  return (Reflect.getMetadata(GAP_HANDLER, method) as Gap['phase'][] | undefined) ?? [];
}

/** Injects the `RedisResilientClient` of an instance; of the unnamed one by default. */
export function InjectRedisResilientClient(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(tokenOf('client', name));
}
