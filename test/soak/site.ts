import type { Engine } from '../../src/redis/engine.js';
import { poll, type RedisNode, type Topology } from '../../src/testing/index.js';
import type { Traffic } from './traffic.js';

/** The user as whom the engine comes, so that its permissions can be taken. */
export const APP = { username: 'app', password: 'secret' } as const;
/** The channels of the engine itself stay allowed where only those of the application are taken. */
const CONTROL_ONLY = '&__redis-resilient__:*';
const HEAL_DEADLINE = 20_000;

/** Everything that a series of faults works on. */
export class Site {
  constructor(
    readonly topology: Topology,
    readonly engine: Engine,
    readonly traffic: Traffic,
  ) {}

  node(on: 'master' | number): RedisNode {
    const { nodes } = this.topology;
    const node = on === 'master' ? nodes.find(({ name }) => name === this.traffic.master) : nodes[on];
    return node ?? (nodes[0] as RedisNode);
  }

  nodeOf(name: string): RedisNode | undefined {
    return this.topology.nodes.find((node) => node.name === name);
  }

  /** What the application may not subscribe to any more: everything, or everything but the control channel. */
  async takePermission(control: boolean): Promise<void> {
    await this.setUser('resetchannels', ...(control ? [] : [CONTROL_ONLY]));
  }

  /** @returns whether every node could be told */
  async givePermission(): Promise<boolean> {
    return this.setUser('allchannels');
  }

  /** Whatever was broken is whole again, and every process runs. */
  async heal(): Promise<void> {
    const all = [...this.topology.nodes, ...this.topology.sentinels];
    for (const one of all) {
      one.thaw();
      for (const link of [one.inner, one.outer]) {
        link.heal();
        link.delay(0);
      }
    }
    await Promise.all(all.flatMap((one) => [one.inner.accept(), one.outer.accept()]));
    await poll(() => Promise.all(all.map((one) => one.start())), {
      deadline: HEAL_DEADLINE,
      what: 'all processes',
    });
    await poll(() => this.givePermission(), { deadline: HEAL_DEADLINE, what: 'permission' });
  }

  /** @returns whether every node could be told */
  private async setUser(...rules: string[]): Promise<boolean> {
    const { nodes } = this.topology;
    const told = await Promise.allSettled(
      nodes.map((node) => node.command('ACL', 'SETUSER', APP.username, ...rules)),
    );
    return told.every(({ status }) => status === 'fulfilled');
  }
}
