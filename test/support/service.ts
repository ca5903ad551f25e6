import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Kubelet } from './kubelet.js';

/**
 * What a Service of Kubernetes is to its clients: each new connection goes to one of the pods that are ready and stay. Those who
 * route are told of a change a little later, as they are in a cluster, and send to a pod on its way out until then.
 */
export class Service {
  readonly #pods = new Set<Kubelet>();
  readonly #sockets = new Set<Socket>();
  #endpoints: number[] = [];
  #turn = 0;

  private constructor(
    private readonly server: Server,
    /** Milliseconds until a change has reached those who route. */
    private readonly lag: number,
  ) {
    server.on('connection', (client) => this.route(client));
  }

  static async open(lag: number): Promise<Service> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Service(server, lag);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How many pods are sent to at this moment. */
  get endpoints(): number {
    return this.#endpoints.length;
  }

  select(pod: Kubelet): void {
    this.#pods.add(pod);
    pod.onChange = () => this.changed();
    this.changed();
  }

  close(): void {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  private changed(): void {
    const ports = [...this.#pods].filter((pod) => pod.ready && !pod.isTerminating).map(({ port }) => port);
    setTimeout(() => (this.#endpoints = ports), this.lag).unref();
  }

  private route(client: Socket): void {
    const port = this.#endpoints[this.#turn++ % this.#endpoints.length];
    this.#sockets.add(client);
    client.on('close', () => this.#sockets.delete(client));
    client.on('error', () => undefined);
    if (port === undefined) {
      client.destroy();
      return;
    }
    const pod = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    pod.on('error', () => client.destroy());
    client.on('close', () => pod.destroy());
    client.pipe(pod).pipe(client);
  }
}
