import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@swarm/core';
import { connect } from '@swarm/ws';
import { ANSWER_MS, type Demo, demo, type Member } from './contract.ts';
import { answerTo, pick, QUESTIONS, type Random } from './small-talk.ts';

export interface SimulationOptions {
  /** Where the client of this name connects. */
  readonly url: (name: string) => string;
  readonly names?: readonly string[];
  /** Everything takes a multiple of it; default 1,000 ms. */
  readonly paceMs?: number;
  readonly random?: Random;
}

const NAMES = ['clover', 'fennel', 'hazel', 'juniper', 'sorrel', 'tansy'];

/**
 * Clients that come and go, ask each other, and answer whoever asks them: over real sockets, with
 * nothing but the contract. Returns what sends them all away, and resolves when they are gone.
 */
export function startSimulation(options: SimulationOptions): () => Promise<void> {
  const { url, names = NAMES, paceMs = 1_000, random = Math.random } = options;
  const ending = new AbortController();
  const greeted = new Set<string>();
  const lives = names.map((name, index) => {
    const life = new Life({ name, url: url(name), paceMs, random, greeted, signal: ending.signal });
    return life.run(index / 4);
  });
  return async () => {
    ending.abort();
    await Promise.all(lives);
  };
}

interface LifeOptions {
  readonly name: string;
  readonly url: string;
  readonly paceMs: number;
  readonly random: Random;
  /** Visitors whom one of us has asked something; nobody is asked twice. Shared by all lives. */
  readonly greeted: Set<string>;
  readonly signal: AbortSignal;
}

class Life {
  readonly #options: LifeOptions;

  constructor(options: LifeOptions) {
    this.#options = options;
  }

  async run(delay: number): Promise<void> {
    const { signal, url, random } = this.#options;
    await this.#pause(delay, delay);
    while (!signal.aborted) {
      const client = connect(`${url}&simulated`, { contract: demo });
      client.on('question', async (_ctx, text, from = 'somebody') => {
        await this.#pause(0.4, 1.6);
        return answerTo(text, from, random);
      });
      await this.#stay(client);
      client.close();
      await this.#pause(4, 10);
    }
  }

  /** Be there for a while, and ask something now and then. */
  async #stay(client: Client<Demo>): Promise<void> {
    const { signal, random } = this.#options;
    const questions = 3 + Math.floor(random() * 4);
    for (let asked = 0; asked < questions && !signal.aborted; asked += 1) {
      await this.#pause(8, 20);
      await this.#askSomebody(client);
    }
  }

  /** What fails is of no concern here: whoever is asked may have left, and so may the server. */
  async #askSomebody(client: Client<Demo>): Promise<void> {
    const { signal, random } = this.#options;
    if (signal.aborted) return;
    const options = { signal, timeoutMs: ANSWER_MS };
    const roster = await client.with(options).call.roster.safe();
    if (!roster.ok) return;
    const to = this.#choose(roster.result);
    if (to !== undefined)
      await client.with(options).call.ask.safe(to.id, pick(QUESTIONS, random) ?? 'Hello?');
  }

  /** A visitor whom nobody has greeted, or else one of us. */
  #choose(members: readonly Member[]): Member | undefined {
    const { greeted, name, random } = this.#options;
    const present = new Set(members.map(({ id }) => id));
    for (const id of greeted) if (!present.has(id)) greeted.delete(id);
    const visitor = members.find(({ id, isSimulated }) => !isSimulated && !greeted.has(id));
    if (visitor === undefined) {
      return pick(
        members.filter(({ id, isSimulated }) => isSimulated && id !== name),
        random,
      );
    }
    greeted.add(visitor.id);
    return visitor;
  }

  /** Resolves after this many paces, at once when it is all over. */
  async #pause(least: number, most: number): Promise<void> {
    const { signal, paceMs, random } = this.#options;
    const ms = (least + (most - least) * random()) * paceMs;
    // It rejects when aborted, and only then; whoever paused looks at the signal next.
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}
