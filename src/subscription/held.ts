import type { Heard } from './handover.js';

/** A queue that knows its size in bytes. */
export class Held<M extends Heard> {
  private messages: M[] = [];
  size = 0;

  get length(): number {
    return this.messages.length;
  }

  push(message: M): void {
    this.messages.push(message);
    this.size += message.size;
  }

  shift(): M | undefined {
    const message = this.messages.shift();
    if (message) this.size -= message.size;
    return message;
  }

  take(): readonly M[] {
    const { messages } = this;
    this.messages = [];
    this.size = 0;
    return messages;
  }
}
