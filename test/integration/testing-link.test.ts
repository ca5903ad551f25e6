import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { freePort, poll, TcpLink } from '../../src/testing/index.js';

/** A socket with what it has received. */
class End {
  received = '';
  ended = false;
  error: string | undefined;

  constructor(readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => (this.received += part));
    socket.on('end', () => (this.ended = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code));
  }

  async hears(expected: string): Promise<void> {
    await poll(() => this.received === expected, { what: `receipt of ${expected}, not ${this.received}` });
  }
}

describe('A link', () => {
  let server: Server;
  let link: TcpLink;
  const accepted: End[] = [];
  const clients: End[] = [];
  let port: number;

  beforeEach(async () => {
    port = await freePort();
    server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(new End(socket)));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    link = await TcpLink.to({ host: '127.0.0.1', port });
  });

  afterEach(async () => {
    await link.close();
    for (const { socket } of [...clients.splice(0), ...accepted.splice(0)]) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  async function open(through = link): Promise<End> {
    const socket = connect({ ...through.address, allowHalfOpen: true });
    const client = new End(socket);
    clients.push(client);
    await once(socket, 'connect');
    return client;
  }

  /** A client and the server's end of its connection, after a word in each direction. */
  async function openThrough(through = link): Promise<[client: End, server: End]> {
    const known = accepted.length;
    const client = await open(through);
    client.socket.write('hello');
    const peer = await poll(() => accepted[known]);
    await peer.hears('hello');
    peer.socket.write('welcome');
    await client.hears('welcome');
    client.received = peer.received = '';
    return [client, peer];
  }

  /** What a sound link has carried by then, a broken one never will: a connection and a word in each direction. */
  async function roundTrip(): Promise<void> {
    const sound = await TcpLink.to({ host: '127.0.0.1', port });
    const [{ socket }, peer] = await openThrough(sound);
    accepted.splice(accepted.indexOf(peer), 1);
    socket.destroy();
    await sound.close();
  }

  it('carries both directions and the end of each', async () => {
    const [client, peer] = await openThrough();
    client.socket.end('last');
    await poll(() => peer.ended);
    expect(peer.received).toBe('last');
    peer.socket.end('words');
    await poll(() => client.ended);
    expect(client.received).toBe('words');
    await poll(() => link.connections === 0);
  });

  it('is silent in a black hole in both directions, and delivers everything in order when it heals', async () => {
    const [client, peer] = await openThrough();
    link.blackHole();
    for (let n = 0; n < 5_000; n++) {
      client.socket.write(`${n},`);
      peer.socket.write(`${n};`);
    }
    await roundTrip();
    expect([client.received, peer.received]).toEqual(['', '']);
    expect(link.connections).toBe(1);

    link.heal();
    const numbers = Array.from({ length: 5_000 }, (_, n) => n);
    await peer.hears(`${numbers.join(',')},`);
    await client.hears(`${numbers.join(';')};`);
  });

  it.each(['toServer', 'toClient'] as const)('is silent %s and goes on the other way', async (silent) => {
    const [client, peer] = await openThrough();
    const heal = link.blackHole(silent);
    client.socket.write('question');
    peer.socket.write('answer');
    if (silent === 'toServer') await client.hears('answer');
    else await peer.hears('question');
    await roundTrip();
    expect(silent === 'toServer' ? peer.received : client.received).toBe('');

    heal();
    await peer.hears('question');
    await client.hears('answer');
  });

  it('keeps the end of a connection back in a black hole, be it a FIN or a RST', async () => {
    const [orderly, orderlyPeer] = await openThrough();
    const [rude, rudePeer] = await openThrough();
    link.blackHole();
    orderly.socket.end('bye');
    rude.socket.resetAndDestroy();
    await roundTrip();
    expect([orderlyPeer.ended, rudePeer.error]).toEqual([false, undefined]);

    link.heal();
    await poll(() => orderlyPeer.ended && rudePeer.error);
    expect([orderlyPeer.received, rudePeer.error]).toEqual(['bye', 'ECONNRESET']);
  });

  it('accepts a connection in a black hole, of which the server hears nothing before it heals', async () => {
    const heal = link.blackHole();
    const client = await open();
    client.socket.write('hello');
    await roundTrip();
    expect(accepted).toHaveLength(0);

    heal();
    const peer = await poll(() => accepted[0]);
    await peer.hears('hello');
  });

  it('can be silent for open connections only, and for new ones only', async () => {
    const [old, oldPeer] = await openThrough();
    const heal = link.blackHole('both', { connections: 'open' });
    const [young, youngPeer] = await openThrough();
    old.socket.write('old');
    young.socket.write('young');
    await youngPeer.hears('young');
    expect(oldPeer.received).toBe('');
    heal();
    await oldPeer.hears('old');

    link.blackHole('both', { connections: 'new' });
    const newest = await open();
    newest.socket.write('newest');
    young.socket.write('er');
    await youngPeer.hears('younger');
    expect(accepted).toHaveLength(2);
  });

  it('forgets: open connections never carry another byte, whatever heals; new ones do', async () => {
    const [client, peer] = await openThrough();
    link.forget();
    client.socket.write('question');
    peer.socket.write('answer');
    link.heal();
    await openThrough();
    await roundTrip();
    expect([client.received, peer.received]).toEqual(['', '']);
    expect([client.ended, client.error, peer.ended, peer.error]).toEqual([
      false,
      undefined,
      false,
      undefined,
    ]);
  });

  it('resets both ends', async () => {
    const [client, peer] = await openThrough();
    link.reset();
    await poll(() => client.error && peer.error);
    expect([client.error, peer.error]).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(link.connections).toBe(0);
  });

  it('ends both ends in an orderly way', async () => {
    const [client, peer] = await openThrough();
    link.fin();
    await poll(() => client.ended && peer.ended);
    expect([client.error, peer.error]).toEqual([undefined, undefined]);
  });

  it('refuses new connections and keeps the open ones, until it accepts again', async () => {
    const [client, peer] = await openThrough();
    link.refuse();
    await expect(open()).rejects.toThrow('ECONNREFUSED');
    client.socket.write('still here');
    await peer.hears('still here');

    await link.accept();
    await openThrough();
  });

  it('delays each direction, and keeps the order when the delay ends', async () => {
    const [client, peer] = await openThrough();
    link.delay(100, 'toServer');
    const sent = performance.now();
    client.socket.write('slow');
    peer.socket.write('fast');
    await client.hears('fast');
    link.delay(0);
    client.socket.write(' and steady');
    await peer.hears('slow and steady');
    expect(performance.now() - sent).toBeGreaterThanOrEqual(99);
  });

  it('passes on that the server is not there', async () => {
    const lonely = await TcpLink.to({ host: '127.0.0.1', port: await freePort() });
    const socket = connect(lonely.address);
    await expect(text(socket)).rejects.toThrow('ECONNRESET');
    await lonely.close();
  });

  it('slows the sender down when the receiver does not read', async () => {
    const [client, peer] = await openThrough();
    client.socket.pause();
    const megabyte = 'x'.repeat(1_000_000);
    for (let n = 0; n < 50; n++) peer.socket.write(megabyte);
    await poll(() => peer.socket.writableLength > 0);
    await roundTrip();
    expect(peer.socket.writableLength).toBeGreaterThan(1_000_000);
    client.socket.resume();
    await poll(() => client.received.length === 50_000_000, { deadline: 20_000 });
  });

  it('closes its port and every connection', async () => {
    const [client] = await openThrough();
    await link.close();
    await poll(() => client.error);
    await expect(open()).rejects.toThrow('ECONNREFUSED');
    expect(link.connections).toBe(0);
  });
});
