import type { Type } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import type { NestKit } from './nest-kit.js';

/** What a handler of events was called with, in the words of the table. */
export type Hear = (what: string) => void;

/** The handlers of the interop tests: the same ones behind every server. */
export function interopController({ common, microservices, rxjs }: NestKit, hear: Hear): Type {
  const { Controller } = common;
  const { Ctx, EventPattern, MessagePattern, Payload, RpcException } = microservices;
  const { EMPTY, concat, from, of, throwError } = rxjs;

  @Controller()
  class Handlers {
    @MessagePattern('sum')
    sum(@Payload() numbers: number[]): number {
      hear(`${inWords(numbers)} on sum`);
      return numbers.reduce((a, b) => a + b, 0);
    }

    @MessagePattern({ cmd: 'later' })
    async later(@Payload() value: unknown): Promise<unknown> {
      return value;
    }

    @MessagePattern(7)
    stream(): Observable<number> {
      return from([1, 2, 3]);
    }

    @MessagePattern('nothing')
    nothing(): void {
      return undefined;
    }

    @MessagePattern('empty')
    empty(): Observable<never> {
      return EMPTY;
    }

    @MessagePattern('throws')
    throws(): never {
      throw new Error('not for the caller');
    }

    @MessagePattern('refuses')
    refuses(): never {
      throw new RpcException('no');
    }

    @MessagePattern('refuses.with')
    refusesWith(): never {
      throw new RpcException({ status: 'error', code: 42 });
    }

    @MessagePattern('breaks')
    breaks(): Observable<unknown> {
      return concat(
        of(1),
        throwError(() => new RpcException('mid-stream')),
      );
    }

    @EventPattern(['told', 'news.*', { event: 'told' }])
    told(@Payload() data: unknown, @Ctx() context: { getChannel(): string }): void {
      hear(`${inWords(data)} on ${context.getChannel()}`);
    }

    @MessagePattern('users.*')
    user(@Payload() data: unknown, @Ctx() context: { getChannel(): string }): unknown {
      hear(`${inWords(data)} on ${context.getChannel()}`);
      return { got: context.getChannel() };
    }

    @MessagePattern('lists.*')
    list(): Observable<string> {
      return from(['a', 'b']);
    }

    @MessagePattern('fails.*')
    fails(): never {
      throw new RpcException('no');
    }
  }
  return Handlers;
}

/** Milliseconds after which a test fails that waits for a reply. */
const PATIENCE = 10_000;

/**
 * Sends a request and tells what its caller sees.
 *
 * @param hopeless whether no reply is expected: then it counts as unanswered once later requests are answered
 */
export async function askInWords(
  client: ClientProxy,
  pattern: unknown,
  data: unknown,
  hopeless: boolean,
  { rxjs }: Pick<NestKit, 'rxjs'>,
): Promise<string> {
  const seen: string[] = [];
  const later = rxjs.defer(() => client.send('sum', [0]));
  const tooLate = hopeless ? rxjs.concat(later, later, later).pipe(rxjs.last()) : rxjs.timer(PATIENCE);
  await new Promise<void>((resolve) => {
    const request = client.send<unknown>(pattern, data).subscribe({
      next: (value) => seen.push(inWords(value)),
      error: (error: unknown) => {
        seen.push(`error ${inWords(error)}`);
        resolve();
      },
      complete: resolve,
    });
    const waiting = tooLate.subscribe(() => {
      seen.push('no reply');
      resolve();
    });
    request.add(() => waiting.unsubscribe());
  });
  return seen.join(', ') || 'the end';
}

export function inWords(value: unknown): string {
  return value === undefined ? 'undefined' : `\`${JSON.stringify(value)}\``;
}
