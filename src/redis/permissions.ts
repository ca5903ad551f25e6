import { isWithheld } from './refusal.js';
import type { Degradation } from './degradation.js';

/** A command that Redis may refuse to this user while everything else works, or a Sentinel to its user. */
export type Permission =
  | 'ping'
  | 'role'
  | 'publish'
  | 'unsubscribe'
  | 'client|info'
  | 'sentinel|sentinels'
  | 'sentinel|myid'
  | 'sentinel subscribe';

/** Notices what is refused, at which server, and tells of each command once. */
export class Permissions {
  private readonly refusing = new Map<Permission, Set<string>>();
  private readonly degradations: Readonly<Record<Permission, Degradation>>;

  /** @param degrade is told what a missing permission costs, and `null` once nobody refuses it any more */
  constructor(
    controlPrefix: string,
    private readonly degrade: (permission: Permission, degradation: Degradation | null) => void,
  ) {
    this.degradations = degradationsOf(controlPrefix);
  }

  /**
   * @param server by which one server is told from another
   * @returns what the command gives, `null` where it is refused; rejects as it does for any other reason
   */
  async allowed<T>(permission: Permission, command: Promise<T>, server = 'redis'): Promise<T | null> {
    try {
      const result = await command;
      this.granted(permission, server);
      return result;
    } catch (error) {
      if (!isWithheld(error)) throw error;
      this.refused(permission, server);
      return null;
    }
  }

  refused(permission: Permission, server = 'redis'): void {
    const servers = this.refusing.get(permission) ?? new Set();
    this.refusing.set(permission, servers.add(server));
    this.degrade(permission, this.degradations[permission]);
  }

  granted(permission: Permission, server = 'redis'): void {
    const servers = this.refusing.get(permission);
    if (!servers?.delete(server) || servers.size > 0) return;
    this.degrade(permission, null);
  }

  /** Nothing is asked of this server any more. */
  forget(server: string): void {
    for (const permission of this.refusing.keys()) this.granted(permission, server);
  }
}

function degradationsOf(controlPrefix: string): Record<Permission, Degradation> {
  return {
    ping: atRedis(
      'PING',
      'The refusal counts as an answer, so nothing is lost but the peace of ACL LOG.',
      '+ping',
    ),
    role: atRedis(
      'ROLE',
      'A server that is no longer a master is noticed by the canary and by the Sentinels only.',
      '+role',
    ),
    publish: {
      ...atRedis(
        'PUBLISH on the control channel',
        'There is no canary: a link that answers PING and hears nothing is noticed by ROLE and by the Sentinels only.',
        `+publish &${controlPrefix}:*`,
      ),
      kind: 'canary',
    },
    unsubscribe: atRedis(
      'UNSUBSCRIBE or PUNSUBSCRIBE',
      'What is no longer wanted stays subscribed until the next link.',
      '+unsubscribe +punsubscribe',
    ),
    'client|info': atRedis(
      'CLIENT INFO',
      'How much Redis holds unread for this link is not known (outputBuffer).',
      '+client|info',
    ),
    'sentinel|sentinels': atSentinel(
      'SENTINEL SENTINELS',
      'Sentinels that do not stand in redis.sentinels are not found.',
      '+sentinel|sentinels',
    ),
    'sentinel|myid': atSentinel(
      'SENTINEL MYID',
      'A Sentinel that is reached by two addresses counts twice.',
      '+sentinel|myid',
    ),
    'sentinel subscribe': atSentinel(
      'SUBSCRIBE',
      'A failover is learnt of by the next poll, up to some seconds later.',
      '+subscribe &+switch-master &+selected-slave',
    ),
  };
}

function atRedis(command: string, costs: string, rule: string): Degradation {
  return {
    kind: 'permission',
    what: `Redis refuses ${command} to this user.`,
    costs: `${costs} Allow it in the ACL: ${rule}`,
  };
}

function atSentinel(command: string, costs: string, rule: string): Degradation {
  return {
    kind: 'permission',
    what: `A Sentinel refuses ${command} to this user.`,
    costs: `${costs} Allow it in the ACL of the Sentinels: ${rule}`,
  };
}
