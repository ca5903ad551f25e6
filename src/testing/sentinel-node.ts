import type { Address } from './address.js';
import type { Reply } from './resp.js';
import { ServerProcess, type ServerProcessOptions } from './server-process.js';

/** A Sentinel as a child process of this one. */
export class SentinelNode extends ServerProcess {
  constructor(
    options: ServerProcessOptions,
    private readonly masterName: string,
  ) {
    super(options, ['--sentinel']);
  }

  /** The address that this Sentinel gives to a client that asks it for the master. */
  async masterAddress(): Promise<Address | undefined> {
    const reply = await this.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.masterName);
    if (!Array.isArray(reply)) return undefined;
    const [host, port] = reply;
    return { host: String(host), port: Number(port) };
  }

  /** What it knows of the master, by the names that Redis gives the fields (`flags`, `config-epoch` …). */
  async master(): Promise<Record<string, string>> {
    return fields(await this.command('SENTINEL', 'MASTER', this.masterName));
  }

  /** What it knows of each replica. */
  async replicas(): Promise<Record<string, string>[]> {
    return listOfFields(await this.command('SENTINEL', 'REPLICAS', this.masterName));
  }

  /** What it knows of each other Sentinel. */
  async sentinels(): Promise<Record<string, string>[]> {
    return listOfFields(await this.command('SENTINEL', 'SENTINELS', this.masterName));
  }
}

function listOfFields(reply: Reply): Record<string, string>[] {
  return Array.isArray(reply) ? reply.map(fields) : [];
}

/** Redis gives names and values in turn. */
function fields(reply: Reply): Record<string, string> {
  const result: Record<string, string> = {};
  let name: string | undefined;
  for (const word of Array.isArray(reply) ? reply.map(String) : []) {
    if (name === undefined) name = word;
    else {
      result[name] = word;
      name = undefined;
    }
  }
  return result;
}
