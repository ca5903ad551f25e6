import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';

/** Of nobody but `localhost`, for a hundred years, and a secret of nobody. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUGRiEJ/VcVTzmW6wnB0p4OqpeYvYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDA3MTk0MloYDzIxMjYxMDMx
MDcxOTQyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS2p/twQ5Dve3GQBA9S52gDdtK1uUKXgK3ZOPlTRrZm93chuknjMXgR
gasE/SZipxWvygugNSd19hPZvQ+KRwmGo28wbTAdBgNVHQ4EFgQU2PubCyR487Az
JeVu/gN+S88CjngwHwYDVR0jBBgwFoAU2PubCyR487AzJeVu/gN+S88CjngwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgfkDovpEFuetnDswgFAonz133O+N4EkyUQckeEpthuXECIC9M
rAiQEBroyB3r5KmDxBVG49jA6dYX28LEBMxlcGiM
-----END CERTIFICATE-----`;

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmSxFQqXFzB9rsAqR
EF/QRlu9VBCf+FF0D+iYsFrY4aqhRANCAAS2p/twQ5Dve3GQBA9S52gDdtK1uUKX
gK3ZOPlTRrZm93chuknjMXgRgasE/SZipxWvygugNSd19hPZvQ+KRwmG
-----END PRIVATE KEY-----`;

/** A door that speaks TLS to those who come, and plain TCP to the server behind it. */
export async function openTlsDoor(to: { host: string; port: number }) {
  const sockets = new Set<Socket>();
  const server = createServer({ key: KEY, cert: CERTIFICATE }, (secured) => {
    const behind = connect(to);
    for (const [from, into] of [
      [secured, behind],
      [behind, secured],
    ] as const) {
      sockets.add(from);
      from.on('error', () => into.destroy());
      from.on('close', () => into.destroy());
      from.pipe(into);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close(): void {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
