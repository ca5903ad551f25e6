import { RedisContext } from '@nestjs/microservices';
import type { PacketMetadata } from './envelope.js';

type ContextArgs = ConstructorParameters<typeof RedisContext>[0];

/** What a handler can ask about its message: `@Ctx() context: RedisResilientContext`. */
export class RedisResilientContext extends RedisContext {
  readonly #channel: Buffer;
  readonly #pattern: string;
  readonly #late: boolean;
  #name: string | undefined;

  /**
   * @param channel the channel the message came on; its name is made of the bytes when somebody asks
   * @param pattern the subscription, as given to the decorator
   */
  constructor(channel: Buffer, pattern: string, late: boolean, metadata: PacketMetadata | undefined) {
    super([undefined, metadata] as unknown as ContextArgs);
    this.#channel = channel;
    this.#pattern = pattern;
    this.#late = late;
  }

  /** The channel the message came on, also where the handler listens to a pattern. */
  override getChannel(): string {
    return (this.#name ??= this.#channel.toString());
  }

  /** The pattern or channel of the decorator. */
  getPattern(): string {
    return this.#pattern;
  }

  /** Whether an old link delivered the message after its successor spoke: it may be out of order. */
  isLate(): boolean {
    return this.#late;
  }

  override getArgs(): ContextArgs {
    this.args[0] = this.getChannel();
    return super.getArgs();
  }

  override getArgByIndex(index: number): ReturnType<RedisContext['getArgByIndex']> {
    return index === 0 ? this.getChannel() : super.getArgByIndex(index);
  }
}
