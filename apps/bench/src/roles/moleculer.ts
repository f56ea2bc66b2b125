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

/** An action of another node, with the defaults but for the log. The variant names the broker. */
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

function brokerOf({ urls, variant }: Setup, nodeID: string): Broker {
  const { ServiceBroker } = peer<Moleculer>('moleculer');
  return new ServiceBroker({ nodeID, transporter: urls[variant], logger: false });
}
