export type { Acceptance, Refusal } from '@swarm/core';
export { refuse } from '@swarm/core';
export type { ConnectOptions } from './connect.ts';
export { connect } from './connect.ts';
export type { Listener, ListenOptions } from './listen.ts';
export { listen } from './listen.ts';
