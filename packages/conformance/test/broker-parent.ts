import { type BrokerKind, startBroker } from '../src/brokers.ts';

const broker = await startBroker(process.argv[2] as BrokerKind);
process.on('message', async () => {
  await broker.kill();
  process.send?.('killed');
});
process.send?.({ port: broker.port, folder: broker.folder });
