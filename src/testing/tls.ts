import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate for 127.0.0.1 with its key, and the authority that signed it (itself, where it is self-signed). All PEM. */
export interface TlsCertificate {
  /** The private key of the certificate. */
  key: string;
  /** The certificate, made out to 127.0.0.1. */
  cert: string;
  /** The authority that signed it. */
  ca: string;
}

/** Where the files of a certificate are. */
export type TlsFiles = Record<keyof TlsCertificate, string>;

/** Redis reads certificates from files only. */
export function writeCertificate(folder: string, { key, cert, ca }: TlsCertificate): TlsFiles {
  const write = (name: string, pem: string): string => {
    const path = join(folder, name);
    writeFileSync(path, pem, { mode: 0o600 });
    return path;
  };
  return { key: write('tls-key.pem', key), cert: write('tls-cert.pem', cert), ca: write('tls-ca.pem', ca) };
}

/** Lines of a configuration file: TLS on this port and nothing else, between the servers and the Sentinels too. */
export function tlsConfigLines(port: number, { key, cert, ca }: TlsFiles): string[] {
  return [
    'port 0',
    `tls-port ${port}`,
    `tls-key-file "${key}"`,
    `tls-cert-file "${cert}"`,
    `tls-ca-cert-file "${ca}"`,
    'tls-auth-clients optional',
    'tls-replication yes',
  ];
}
