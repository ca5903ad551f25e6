import { ServerProcess, type ServerProcessOptions } from './server-process.js';

/** A Redis server as a child process of this one: a master, a replica, or one that stands alone. */
export class RedisNode extends ServerProcess {
  constructor(options: ServerProcessOptions) {
    super(options, []);
  }

  /** Publishes on this very server, whatever its role, and gives the number of receivers that it claims. */
  async publish(channel: string, payload: string | Uint8Array): Promise<number> {
    return (await this.command('PUBLISH', channel, payload)) as number;
  }

  /** Closes the connections that are subscribed here, those of the Sentinels included; gives their number. */
  async killPubSub(): Promise<number> {
    return (await this.command('CLIENT', 'KILL', 'TYPE', 'pubsub')) as number;
  }

  /** Its role in its own eyes: an isolated old master takes itself for the master. */
  async role(): Promise<'master' | 'slave'> {
    const [role] = (await this.command('ROLE')) as ['master' | 'slave'];
    return role;
  }

  /** A field of `INFO`, `undefined` where it has no such field. */
  async info(field: string): Promise<string | undefined> {
    const info = String(await this.command('INFO', 'everything'));
    const line = info.split('\r\n').find((each) => each.startsWith(`${field}:`));
    return line?.slice(field.length + 1);
  }
}
