/** Publishes what it is told, pipelined, over a plain socket. It ends with its parent. */
import { connect } from 'node:net';

/** As fast as Redis takes them, a batch in each write; or so many in each millisecond. */
export interface PublishOrder {
  channels: string[];
  /** `%due` stands for the moment in which the message is due, on a clock that all processes share. */
  payload: string;
  count: number;
  /** Messages in one write. */
  batch: number;
  /** Milliseconds from one batch to the next; 0: as soon as Redis has taken enough of those before. */
  every: number;
  /** Batches that may be unanswered. */
  window: number;
}

const socket = connect({
  ...(JSON.parse(process.argv[2] ?? '') as { host: string; port: number }),
  noDelay: true,
});
let answered = 0;
let onAnswers = (): void => undefined;
socket.on('data', (bytes) => {
  // `:1\r\n` for each PUBLISH.
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) answered += 1;
  onAnswers();
});

function commandsOf({ channels, payload, batch }: PublishOrder, from: number, due = 0): Buffer {
  const parts: string[] = [];
  const text = payload.replace('%due', due.toFixed(3));
  const bytes = Buffer.byteLength(text);
  for (let n = from; n < from + batch; n++) {
    const channel = channels[n % channels.length] ?? '';
    parts.push(`*3\r\n$7\r\nPUBLISH\r\n$${channel.length}\r\n${channel}\r\n$${bytes}\r\n${text}\r\n`);
  }
  return Buffer.from(parts.join(''));
}

/** Resolves when Redis has taken all of them. */
function publish(order: PublishOrder): Promise<void> {
  answered = 0;
  return new Promise((resolve) => {
    let sent = 0;
    // Every batch is the same unless channels alternate beyond one.
    const same = order.channels.length <= order.batch ? commandsOf(order, 0) : undefined;
    const next = (): void => {
      while (sent < order.count && sent - answered < order.window * order.batch) {
        socket.write(same ?? commandsOf(order, sent));
        sent += order.batch;
      }
      if (answered >= order.count) resolve();
    };
    onAnswers = next;
    next();
  });
}

/** A batch in each tick, due at the tick whether it could be sent then or not. */
function publishPaced(order: PublishOrder): Promise<void> {
  answered = 0;
  return new Promise((resolve) => {
    const start = now() + 10;
    let ticks = 0;
    const total = order.count / order.batch;
    const timer = setInterval(() => {
      for (; ticks < total && start + ticks * order.every <= now(); ticks++) {
        socket.write(commandsOf(order, ticks * order.batch, start + ticks * order.every));
      }
      if (ticks >= total) clearInterval(timer);
    }, 1);
    onAnswers = () => {
      if (answered >= order.count) resolve();
    };
  });
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

process.on('message', (order: PublishOrder) => {
  void (order.every === 0 ? publish(order) : publishPaced(order)).then(() =>
    process.send?.({ published: true }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
