import { load } from '../packages.ts';
import type { Setup } from '../protocol.ts';
import { payloadOf, type Role, type Step } from '../role.ts';

/** What is timed of the core. No user can reach these modules, so their types are written here. */
interface Core {
  readonly Body: {
    of(value: unknown): Body;
    received(bytes: Uint8Array, encoding: number): Body;
    decoded(value: unknown): Body;
  };
  readonly Wheel: new (
    arm: () => void,
  ) => { add(entry: object, ms: number): void; remove(entry: object): void };
  readonly swarm1: Dialect;
  readonly swarmJson: Dialect;
  frameTo(kind: string, process: string, to: string): object;
  encodeSwarmFrame(frame: object): Uint8Array;
  decodeMessage(bytes: Uint8Array): readonly object[];
  isSwarmHeader(frame: object): boolean;
  encodeBatch(frames: readonly Uint8Array[]): Uint8Array;
  splitBatch(payload: Uint8Array): readonly Uint8Array[];
  isWireMessage(value: unknown): boolean;
  processOf(id: string): string | null;
}
interface Body {
  readonly value: unknown;
  readonly bytes: Uint8Array;
}
interface Dialect {
  receive(message: string | Uint8Array): readonly object[];
  send(frame: object): readonly (string | Uint8Array)[];
}

const MODULES = [
  ...['address', 'batch', 'body', 'guard', 'json-dialect', 'swarm-dialect', 'swarm-frame'],
  'machine/wheel',
];

const PROCESS = 'abcdefghijklmnop';
const NODE = `${PROCESS}-abcdefghijklmnopqrstuvwxyz`;
const BATCHED = 32;

/** The steps by name; each is made once, with what it works on. */
export const STEPS: { readonly [name: string]: (core: Core, payload: string) => Step } = {
  'JSON alone: stringify to bytes': (_core, payload) => () =>
    Buffer.from(JSON.stringify([payload])),
  'JSON alone: parse from bytes': (_core, payload) => {
    const bytes = Buffer.from(JSON.stringify([payload]));
    return () => JSON.parse(bytes.toString());
  },
  'body: encode':
    ({ Body }, payload) =>
    () =>
      Body.of([payload]).bytes,
  'body: decode': ({ Body }, payload) => {
    const { bytes } = Body.of([payload]);
    return () => Body.received(bytes, 0).value;
  },
  'swarm frame: encode, body encoded before': (core, payload) => {
    const frame = request(core, payload);
    return () => core.encodeSwarmFrame(frame);
  },
  'swarm frame: decode': (core, payload) => {
    const bytes = core.encodeSwarmFrame(request(core, payload));
    return () => core.decodeMessage(bytes);
  },
  'swarm frame: guard': (core, payload) => {
    const frame = request(core, payload);
    return () => core.isSwarmHeader(frame);
  },
  [`batch of ${BATCHED}: encode`]: (core, payload) => {
    const frames = batch(core, payload);
    return () => core.encodeBatch(frames);
  },
  [`batch of ${BATCHED}: split`]: (core, payload) => {
    const bytes = core.encodeBatch(batch(core, payload));
    return () => core.splitBatch(bytes);
  },
  'swarm.1: send a request': (core, payload) => {
    return () => core.swarm1.send(socketRequest(core.Body.of([payload])));
  },
  'swarm.1: receive a request': ({ swarm1, Body }, payload) => {
    const [message = ''] = swarm1.send(socketRequest(Body.of([payload])));
    return () => swarm1.receive(message);
  },
  'swarm.json: send a request': (core, payload) => {
    return () => core.swarmJson.send(socketRequest(core.Body.of([payload])));
  },
  'swarm.json: receive a request': ({ swarmJson, Body }, payload) => {
    const [message = ''] = swarmJson.send(socketRequest(Body.of([payload])));
    return () => swarmJson.receive(message);
  },
  'swarm.json: guard': ({ isWireMessage }, payload) => {
    const message = { type: 'request', correlationId: '12345', name: 'echo', args: [payload] };
    return () => isWireMessage(message);
  },
  'address: process of a node':
    ({ processOf }) =>
    () =>
      processOf(NODE),
  'wheel: add and remove': ({ Wheel }) => {
    const wheel = new Wheel(() => {});
    const links = { wheelSlot: null, wheelPrevious: null, wheelNext: null };
    const [other, entry] = [0, 1].map(() => ({ ...links, deadlineMs: 10_000, expire: () => {} }));
    wheel.add(other as object, 0);
    return () => {
      wheel.add(entry as object, 0);
      wheel.remove(entry as object);
    };
  },
};

/** What the core does to one frame, timed by itself. The variant names it. */
export const role: Role = {
  ask: async (setup) => {
    const step = STEPS[setup.variant]?.(await coreOf(setup), payloadOf(setup));
    if (step === undefined) throw new TypeError(`no step: ${setup.variant}`);
    return { step };
  },
};

async function coreOf({ root }: Setup): Promise<Core> {
  const paths = MODULES.map((name) => `packages/core/dist/${name}.js`);
  const modules = await Promise.all(paths.map((path) => load<object>(root, path)));
  return Object.assign({}, ...modules);
}

function request({ frameTo, Body }: Core, payload: string): object {
  const body = Body.received(Body.of([payload]).bytes, 0);
  const bare = frameTo('request', PROCESS, NODE);
  return { ...bare, node: NODE, id: 12_345, ttlMs: 10_000, name: 'echo', body };
}

function batch(core: Core, payload: string): readonly Uint8Array[] {
  return Array.from({ length: BATCHED }, () => core.encodeSwarmFrame(request(core, payload)));
}

function socketRequest(body: Body): object {
  return { kind: 'request', id: 12_345, name: 'echo', body, ttlMs: 10_000, meta: undefined };
}
