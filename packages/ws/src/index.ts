export type { ConnectOptions } from './connect.ts';
export { connect } from './connect.ts';
export type { Acceptance, Listener, ListenOptions } from './listen.ts';
export { listen } from './listen.ts';
export type { Refusal } from './refusal.ts';
export { refuse } from './refusal.ts';
