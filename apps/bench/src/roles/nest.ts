import { peer } from '../packages.ts';
import type { Setup } from '../protocol.ts';
import { byPromise, payloadOf, type Role } from '../role.ts';

type Decorator = (target: object, key?: string, descriptor?: PropertyDescriptor) => void;
interface Common {
  Module(parts: object): Decorator;
  Controller(): Decorator;
}
interface Core {
  readonly NestFactory: {
    createMicroservice(module: object, options: object): Promise<{ listen(): Promise<unknown> }>;
  };
}
interface Microservices {
  readonly Transport: Readonly<Record<'NATS' | 'REDIS' | 'RMQ', number>>;
  readonly ClientProxyFactory: {
    create(options: object): {
      connect(): Promise<unknown>;
      send(pattern: string, data: string): object;
    };
  };
  MessagePattern(pattern: string): Decorator;
}
interface Rxjs {
  firstValueFrom(observable: object): Promise<unknown>;
}

/** A controller of another process, with the defaults but for the log. The variant is the broker. */
export const role: Role = {
  serve: async (setup) => {
    peer('reflect-metadata');
    const { Controller, Module } = peer<Common>('@nestjs/common');
    const { MessagePattern } = peer<Microservices>('@nestjs/microservices');
    class Echo {
      echo(text: string): string {
        return text;
      }
    }
    const echo = Object.getOwnPropertyDescriptor(Echo.prototype, 'echo');
    MessagePattern(setup.scope)(Echo.prototype, 'echo', echo);
    Controller()(Echo);
    class App {}
    Module({ controllers: [Echo] })(App);
    const { NestFactory } = peer<Core>('@nestjs/core');
    const options = { ...transportOf(setup), logger: false };
    await (await NestFactory.createMicroservice(App, options)).listen();
    return setup.scope;
  },

  ask: async (setup) => {
    peer('reflect-metadata');
    const payload = payloadOf(setup);
    const { ClientProxyFactory } = peer<Microservices>('@nestjs/microservices');
    const { firstValueFrom } = peer<Rxjs>('rxjs');
    const client = ClientProxyFactory.create(transportOf(setup));
    await client.connect();
    return byPromise(payload, () => firstValueFrom(client.send(setup.address, payload)));
  },
};

function transportOf({ urls, variant, scope }: Setup): object {
  const { Transport } = peer<Microservices>('@nestjs/microservices');
  const url = urls[variant] ?? '';
  const { hostname: host, port } = new URL(url);
  switch (variant) {
    case 'nats':
      return { transport: Transport.NATS, options: { servers: [url] } };
    case 'redis':
      return { transport: Transport.REDIS, options: { host, port: Number(port) } };
    default: {
      // As its documentation has it: otherwise the queue would outlive the broker.
      const options = { urls: [url], queue: scope, queueOptions: { durable: false } };
      return { transport: Transport.RMQ, options };
    }
  }
}
