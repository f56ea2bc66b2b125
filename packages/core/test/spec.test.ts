import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HEADER_BYTES_MAX } from '../src/bytes.ts';
import { ERROR_SUBTYPES, LIMITS } from '../src/index.ts';
import { RESOLVE_TIMEOUT_MS } from '../src/machine/resolver.ts';
import { wireMessageSchema } from '../src/schema.ts';
import { SOCKET_KINDS } from '../src/swarm-dialect.ts';
import { SWARM_KINDS } from '../src/swarm-frame.ts';

function read(file: string): string {
  return readFileSync(new URL(`../../../spec/${file}`, import.meta.url), 'utf8');
}

const spec = read('protocol.md');

/** The text under a heading, up to the next one of its level. */
function section(title: string): string {
  const [, text] = spec.split(`\n## ${title}\n`);
  if (text === undefined) throw new RangeError(`no section ${title}`);
  return text.split('\n## ', 1).join('');
}

/** The first two cells of every row of a section's tables. */
function rows(title: string): [string, string][] {
  const cells = [...section(title).matchAll(/^\| ([^|]*) \| ([^|]*) \|/gm)];
  return cells.map(([, first = '', second = '']) => [
    first.replaceAll('`', '').trim(),
    second.trim(),
  ]);
}

describe('the specification', () => {
  it('gives every limit the value it has', () => {
    const limits = rows('Limits').filter(([name]) => name in LIMITS);

    expect(limits.length).toBeGreaterThan(10);
    expect(Object.fromEntries(limits)).toMatchObject(
      Object.fromEntries(
        Object.entries(LIMITS)
          .filter(([name]) => limits.some(([limit]) => limit === name))
          .map(([name, value]) => [name, value.toLocaleString('en')]),
      ),
    );
    expect(spec).toContain(`${HEADER_BYTES_MAX.toLocaleString('en')} bytes for the header`);
  });

  it('says how long a process waits for somebody to have a node', () => {
    expect(section('Frames in the swarm')).toContain(`${RESOLVE_TIMEOUT_MS} ms of silence`);
  });

  it('names no limit that there is not', () => {
    const named = [...spec.matchAll(/`(\w+Max)`/g)].map(([, name]) => name);

    expect(Object.keys(LIMITS)).toEqual(expect.arrayContaining(named));
  });

  it('gives every kind its number', () => {
    for (const [title, kinds] of [
      ['swarm.1', SOCKET_KINDS],
      ['Frames in the swarm', SWARM_KINDS],
    ] as const) {
      const numbered = rows(title).filter(([number]) => /^\d+$/.test(number));
      expect(numbered).toEqual(kinds.map((kind, number) => [String(number), kind]));
    }
  });

  it('explains every subtype of errors', () => {
    const explained = rows('Errors').map(([name]) => name);

    expect(explained).toEqual(expect.arrayContaining([...ERROR_SUBTYPES]));
  });

  it('has examples in bytes that are vectors', () => {
    for (const [title, file, count] of [
      ['swarm.1', 'swarm.1.json', 2],
      ['Frames in the swarm', 'swarm-message.json', 1],
    ] as const) {
      const vectors = read(`vectors/${file}`);
      const blocks = [...section(title).matchAll(/```\n(.*?)```/gs)].map(([, block = '']) => {
        const lines = block.split('\n').map((line) => /^([0-9a-f]{2} ?)*/.exec(line)?.[0] ?? '');
        return lines.join('').replaceAll(' ', '');
      });

      expect(blocks).toHaveLength(count);
      for (const bytes of blocks) expect(vectors).toContain(`"bytes": "${bytes}"`);
    }
  });

  it('has an example of every type, and all are valid', () => {
    const examples = [...section('swarm.json').matchAll(/```json\n(.*?)```/gs)].map(([, json]) => {
      return wireMessageSchema.parse(JSON.parse(json ?? ''));
    });

    const types = SOCKET_KINDS.slice(0, SOCKET_KINDS.indexOf('item'));
    expect(examples.map(({ type }) => type).toSorted()).toEqual(types.toSorted());
  });
});
