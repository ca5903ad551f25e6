/** Requests by hand: ioredis alone, pipelined, one inbox for all replies, a plain function as handler. */
import { Redis } from 'ioredis';

import { assignment } from './assignment.js';
import { serveOrders } from './requests.js';

interface Request {
  id: number;
  inbox: string;
  data: { id: number };
}

const publisher = new Redis({ ...assignment.redis, enableAutoPipelining: true });
const subscriber = new Redis(assignment.redis);
const waiting = new Map<number, (error?: unknown) => void>();
const inbox = `inbox.${process.pid}`;

function publish(channel: string, message: object): void {
  publisher.publish(channel, JSON.stringify(message)).catch(console.error);
}

subscriber.on('message', (channel: string, text: string) => {
  if (channel === inbox) {
    const { id } = JSON.parse(text) as { id: number };
    const done = waiting.get(id);
    waiting.delete(id);
    done?.();
  } else {
    const { id, inbox: to, data } = JSON.parse(text) as Request;
    publish(to, { id, response: { id: data.id, state: 'paid' } });
  }
});
await subscriber.subscribe('orders.get', inbox);
serveOrders((id, done) => {
  waiting.set(id, done);
  publish('orders.get', { id, inbox, data: { id } });
});
