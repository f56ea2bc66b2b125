import { contract, event, fn } from '@swarm/core';
import * as z from 'zod/mini';

/** What `explode` can throw. */
export const EXPLOSIVES = ['error', 'text', 'null', 'hostile'] as const;

/** What is answered alike by nodes to their clients and to other nodes, and by clients. */
export const answers = {
  echo: fn(z.json()).returns(z.json()),
  /** Answers by an error, with a message and data. */
  refuse: fn(z.string()).returns(z.string()),
  /** Answers by an error the contract declares. */
  spend: fn(z.number())
    .returns(z.number())
    .throws({ BROKE: z.object({ missing: z.number() }) }),
  explode: fn(z.enum(EXPLOSIVES)).returns(z.string()),
  /** Answers when it is told to, or never. */
  hold: fn().returns(z.string()),
  /** Answers after so many ms. */
  linger: fn(z.number()).returns(z.number()),
  /** Takes a text, and answers one of so many characters. */
  sized: fn(z.string(), z.number()).returns(z.string()),
  noted: event(z.number()),
  /** Takes a text, and nothing comes of it. */
  swallowed: event(z.string()),
};

/** Who is asked, as the id of the node, and how: as a node, or through it its client. */
export const relayed = fn(z.string(), z.enum(['server', 'remoteClient']), z.json()).returns(
  z.json(),
);

/** What all actors agree on. */
export const proof = contract(
  {
    /** `relay` asks another node, in this node's name. */
    node: { ...answers, relay: relayed },
    server: answers,
    client: {
      ...answers,
      /** Its node adds who asks. */
      rewritten: fn(z.string()).returns(z.string()),
      /** Its node answers instead. */
      intercepted: fn(z.string()).returns(z.string()),
      /** Its node refuses. */
      guarded: fn(z.string()).returns(z.string()),
      /** Its node changes what the client answers. */
      doubled: fn(z.number()).returns(z.number()),
      /** Its node adds one to what it is told. */
      counted: event(z.number()),
    },
  },
  { name: 'proof', version: '1' },
);

export type Proof = typeof proof;
