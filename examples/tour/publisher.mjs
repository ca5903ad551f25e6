/**
 * A program that knows nothing of Nest, nor of any Redis library: it publishes numbered orders at a steady rate, over
 * a plain socket, to the master that most of the Sentinels name. It tells its parent each number that Redis accepted.
 *
 *     node publisher.mjs <master name> <channel> <messages per second> <Sentinel host:port> ...
 */
import { connect } from 'node:net';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as pause } from 'node:timers/promises';

const [masterName, channel, rate, ...sentinels] = process.argv.slice(2);

/** Milliseconds without an answer after which a connection is given up. */
const PATIENCE = 500;
const LOOK_FOR_MASTER_EVERY = 1_000;
const RETRY_AFTER = 50;

let number = 0;

for (;;) {
  const master = await findMaster();
  if (master) await publishTo(master);
  await pause(RETRY_AFTER);
}

/** Publishes, once the master answers, until the connection breaks, an answer is overdue, or the Sentinels name another master. */
function publishTo(master) {
  const socket = open(master);
  const unanswered = [];
  let rest = '';
  const publish = () => {
    if (unanswered.length > 0 && performance.now() - unanswered[0].sent > PATIENCE) return socket.destroy();
    number += 1;
    unanswered.push({ number, sent: performance.now() });
    socket.write(encode('PUBLISH', channel, JSON.stringify({ number })));
  };
  const follow = async () => {
    const named = await findMaster();
    if (named && named !== master) socket.destroy();
  };
  const timers = [];
  socket.setTimeout(PATIENCE, () => socket.destroy());
  socket.write(encode('PING'));
  socket.on('data', (text) => {
    const replies = (rest + text).split('\r\n');
    rest = replies.pop();
    for (const reply of replies) {
      if (reply === '+PONG') {
        socket.setTimeout(0);
        timers.push(setInterval(publish, 1_000 / Number(rate)), setInterval(follow, LOOK_FOR_MASTER_EVERY));
      } else {
        const { number } = unanswered.shift();
        if (reply.startsWith(':')) process.send?.({ accepted: number });
      }
    }
  });
  return new Promise((resolve) => {
    socket.on('close', () => {
      timers.forEach(clearInterval);
      resolve();
    });
  });
}

/** The address that a majority of the Sentinels gives, undefined where there is none. */
async function findMaster() {
  const named = await Promise.all(sentinels.map(askForMaster));
  return named.find((address) => address && named.filter((one) => one === address).length > named.length / 2);
}

function askForMaster(sentinel) {
  const socket = open(sentinel);
  let reply = '';
  return new Promise((resolve) => {
    socket.setTimeout(PATIENCE, () => socket.destroy());
    socket.on('close', () => resolve(undefined));
    socket.on('data', (text) => {
      reply += text;
      const [, host, port] = /^\*2\r\n\$\d+\r\n(.*)\r\n\$\d+\r\n(\d+)\r\n$/.exec(reply) ?? [];
      if (port) resolve(`${host}:${port}`);
      if (port || !reply.startsWith('*2')) socket.destroy();
    });
    socket.write(encode('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName));
  });
}

function open(address) {
  const [host, port] = address.split(':');
  const socket = connect({ host, port: Number(port), noDelay: true }).setEncoding('utf8');
  // What is wrong shows in the `close` that follows.
  return socket.on('error', () => undefined);
}

function encode(...words) {
  return [`*${words.length}`, ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]), ''].join(
    '\r\n',
  );
}
