import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SOCKET_CLAUSES, SWARM_CLAUSES } from '../src/index.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('clauses', () => {
  const clauses = [...SWARM_CLAUSES, ...SOCKET_CLAUSES];

  it('have ids of their own, of a topic and a number', () => {
    const ids = clauses.map(({ id }) => id);

    expect(ids.filter((id) => !/^[A-Z]+-[1-9]\d*$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are one sentence each, no two the same', () => {
    const statements = clauses.map(({ statement }) => statement);

    expect(statements.filter((text) => /\.( |$)|\n/.test(text) || text.length > 90)).toEqual([]);
    expect(new Set(statements).size).toBe(statements.length);
  });

  it.each(clauses)('$id is in the README as it is', ({ id, statement }) => {
    expect(README).toContain(`| ${id} | ${statement} |`);
  });
});
