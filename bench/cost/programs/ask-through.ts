import type { ClientProxy } from '@nestjs/microservices';

import type { Ask } from './requests.js';

/** Asks as an application does. */
export function askThrough(client: ClientProxy): Ask {
  return (id, done) => {
    client.send('orders.get', { id }).subscribe({ complete: () => done(), error: done });
  };
}
