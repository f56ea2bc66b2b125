import { onTestFinished } from 'vitest';
import {
  type AnyContract,
  type Client,
  type ClientOptions,
  createClient,
  createServer,
  type Dialect,
  type Node,
  type Server,
  type ServerOptions,
  swarmJson,
} from '../src/index.ts';
import { PairedSocket } from './pair.ts';

/** A client, its node, and the two ends of the link between them. */
export interface Met<S extends AnyContract, C extends AnyContract> {
  readonly client: Client<C>;
  readonly node: Node<S>;
  /** What the client sent and what its node sent, as it travelled. */
  readonly near: PairedSocket;
  readonly far: PairedSocket;
}

/** A server that is closed when the test ends. */
export async function serve<S extends AnyContract = undefined>(
  options: ServerOptions<S> = {},
): Promise<Server<S>> {
  const server = await createServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** A client of `server` whose conversation is open; closed when the test ends. */
export async function meet<S extends AnyContract, C extends AnyContract = undefined>(
  server: Server<S>,
  options: ClientOptions<C> & { readonly id?: string } = {},
): Promise<Met<S, C>> {
  const dialect: Dialect = options.dialect ?? swarmJson;
  const [near, far] = PairedSocket.pair();
  const client = createClient<C>(near, { ...options, dialect });
  onTestFinished(() => client.close());
  const node = await server.createNode(far, { id: options.id, dialect });
  await client.ready();
  return { client, node, near, far };
}

/** What a call failed with. */
export function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => Promise.reject(new Error(`no failure, but ${JSON.stringify(value)}`)),
    (error: unknown) => error,
  );
}
