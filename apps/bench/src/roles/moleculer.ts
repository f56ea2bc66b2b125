import { peer } from '../packages.ts';
import type { Setup } from '../protocol.ts';
import { byPromise, payloadOf, type Role } from '../role.ts';

interface Moleculer {
  readonly ServiceBroker: new (options: object) => Broker;
}
interface Broker {
  createService(service: object): void;
  start(): Promise<void>;
  waitForServices(name: string): Promise<unknown>;
  call(action: string, params: object): Promise<unknown>;
}

/**
 * An action of another node, with the defaults but for the log. The variant names the broker;
 * `rabbitmq tuned` has the two options without which each message waits for 40 ms.
 */
export const role: Role = {
  serve: async (setup) => {
    const broker = brokerOf(setup, 'answers');
    const echo = ({ params }: { readonly params: { readonly text: string } }) => params.text;
    broker.createService({ name: 'echo', actions: { echo } });
    await broker.start();
    return 'echo.echo';
  },

  ask: async (setup) => {
    const payload = payloadOf(setup);
    const broker = brokerOf(setup, 'asks');
    await broker.start();
    await broker.waitForServices('echo');
    return byPromise(payload, () => broker.call(setup.address, { text: payload }));
  },
};

function brokerOf({ urls, variant, scope }: Setup, nodeID: string): Broker {
  const { ServiceBroker } = peer<Moleculer>('moleculer');
  const [kind = '', how = ''] = variant.split(' ');
  const url = urls[kind];
  const options = { url, prefetch: 1_024, socketOptions: { noDelay: true } };
  const transporter = how === 'tuned' ? { type: 'AMQP', options } : url;
  return new ServiceBroker({ namespace: scope, nodeID, transporter, logger: false });
}
