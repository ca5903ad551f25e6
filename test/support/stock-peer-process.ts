/** What `stock-peer.ts` starts: the stock transport of one copy of Nest, as a server and as a client. It ends with its parent. */
import type { INestMicroservice } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { askInWords, interopController } from './interop-handlers.js';
import { nestKitOf } from './nest-kit.js';
import type { PeerOrder, PeerReport } from './stock-peer.js';

const [folder = '', port = ''] = process.argv.slice(2);
const kit = nestKitOf(folder);
const { core, microservices, rxjs } = kit;
kit.common.Logger.overrideLogger(false);
const options = { host: '127.0.0.1', port: Number(port), retryAttempts: 3 };

// Nest declares its own client so that it is no `ClientProxy` to the compiler.
const client = new microservices.ClientRedis(options) as unknown as ClientProxy;
let app: INestMicroservice | undefined;

async function serve(wildcards: boolean): Promise<void> {
  class PeerModule {}
  const controller = interopController(kit, (heard) => report({ heard }));
  kit.common.Module({ controllers: [controller] })(PeerModule);
  const config = {
    transport: microservices.Transport.REDIS,
    options: { ...options, wildcards },
    logger: false as const,
  };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
  app = await core.NestFactory.createMicroservice(PeerModule, config);
  await app.listen();
}

async function obey(order: PeerOrder): Promise<string> {
  switch (order.do) {
    case 'serve':
      await serve(order.wildcards);
      return 'serving';
    case 'rest':
      await app?.close();
      return 'resting';
    case 'request':
      return askInWords(client, order.pattern, order.data, order.hopeless, kit);
    case 'emit':
      await rxjs.firstValueFrom(client.emit(order.pattern, order.data), { defaultValue: undefined });
      return 'sent';
  }
}

function report(message: PeerReport): void {
  if (process.connected) process.send?.(message);
}

process.on('disconnect', () => process.exit());
process.on('message', ({ id, order }: { id: number; order: PeerOrder }) => {
  obey(order).then(
    (result) => report({ id, result }),
    (error: unknown) => report({ id, result: `failed: ${String(error)}` }),
  );
});
void client.connect().then(() => report({ ready: true }));
