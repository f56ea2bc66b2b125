/** The seed ships no types; this is what its tests use. */
declare module 'amqp-swarm/client.js' {
  export interface SeedError extends Error {
    readonly type: 'endpoint' | 'protocol';
    readonly subtype: string | null;
    readonly data: unknown;
  }
  export interface SeedContext {
    result: unknown;
    throw(message: string, data?: unknown): never;
  }
  export interface SeedSocket {
    send(data: Uint8Array): void;
    close(): void;
    on(event: 'message' | 'close', listener: (data: Uint8Array) => void): unknown;
  }
  export interface SeedClient {
    on(name: string, handler: (ctx: SeedContext, ...args: never[]) => unknown): void;
    send(name: string, ...args: unknown[]): Promise<unknown>;
    close(): void;
    throw(message: string, data?: unknown): never;
  }
  const client: {
    (url: string | null, socket?: SeedSocket): SeedClient;
    readonly ErrorType: new (...args: never[]) => SeedError;
  };
  export default client;
}
