import { generate } from 'selfsigned';
import type { TlsCertificate } from '../../src/testing/index.js';

/** An authority of its own, and a certificate for 127.0.0.1 that it signed. */
export async function makeCertificate(): Promise<TlsCertificate> {
  const authority = await generate([{ name: 'commonName', value: 'Test authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'redis' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { key: server.private, cert: server.cert, ca: authority.cert };
}
