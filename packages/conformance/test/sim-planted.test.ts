import { expect, it } from 'vitest';
import { readPart } from '../src/sim/document.ts';
import { INVARIANTS } from '../src/sim/invariants.ts';
import { PLANTED_BUGS } from '../src/sim/planted/bugs.ts';
import { HUNT_SCHEDULES_MAX } from '../src/sim/planted/hunt.ts';
import { mistaken } from '../src/sim/planted/plant.ts';

// That each is found is seen by `pnpm sim --planted`, which builds the core once for every bug.

it.each(PLANTED_BUGS)('can be planted: $name', (bug) => {
  const source = mistaken(bug);

  expect(source).toContain(bug.replace);
});

it('at least 12 bugs are planted, 6 of them outside of the machines, each under its own name', () => {
  const names = new Set(PLANTED_BUGS.map(({ name }) => name));
  const others = PLANTED_BUGS.filter(({ file }) => !file.startsWith('machine/'));

  expect(names.size).toBe(PLANTED_BUGS.length);
  expect(names.size).toBeGreaterThanOrEqual(12);
  expect(others.length).toBeGreaterThanOrEqual(6);
});

it('the documentation has a row for every planted bug, found in time by an invariant', () => {
  const [, , ...rows] = readPart('planted').map((line) =>
    line.split('|').map((cell) => cell.trim()),
  );

  expect(rows.map(([, name, file]) => ({ name, file }))).toEqual(
    PLANTED_BUGS.map(({ name, file }) => ({ name, file: `\`${file}\`` })),
  );
  for (const [, , , invariant, schedules] of rows) {
    expect(Object.keys(INVARIANTS)).toContain(invariant);
    expect(Number(schedules)).toBeLessThanOrEqual(HUNT_SCHEDULES_MAX);
  }
});
