import type { TcpLink } from './tcp-link.js';

/** The links that lead to a server, where it has any. */
export interface NodeLinks {
  /** For servers and Sentinels. */
  outer?: TcpLink | undefined;
  /** For clients. */
  inner?: TcpLink | undefined;
}

/** The links of a server that is reached directly. */
export const NO_LINKS: NodeLinks = {};
