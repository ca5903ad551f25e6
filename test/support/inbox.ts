import { poll } from '../../src/testing/index.js';

/** What handlers received, in order. */
export class Inbox<Message = unknown> {
  readonly messages: Message[] = [];

  put(message: Message): void {
    this.messages.push(message);
  }

  /** Resolves with what came once there are `count` messages, or fails. */
  async atLeast(count: number): Promise<Message[]> {
    return poll(() => this.messages.length >= count && [...this.messages], {
      what: `${count} messages (there are ${this.messages.length})`,
    });
  }
}
