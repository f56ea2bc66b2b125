export type { Acceptance, Refusal } from '@swarm/core';
export { refuse } from '@swarm/core';
export type { ConnectOptions, TlsClientOptions } from './connect.ts';
export { connect } from './connect.ts';
export type { Answer } from './decisions.ts';
export type { Hello, Introduction } from './hello.ts';
export type { Listener, ListenOptions } from './listen.ts';
export { listen } from './listen.ts';
