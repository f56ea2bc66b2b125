import { describe, expect, it } from 'vitest';
import { figure, intervalText, table } from '../src/format.ts';
import { htmlOf } from '../src/html.ts';
import { markdownOf } from '../src/markdown.ts';
import { textOf } from '../src/print.ts';
import type { Cell, Report } from '../src/report.ts';
import { inOrder } from '../src/rounds.ts';

const interval = { median: 1.6, min: 1.4, max: 1.9, lo: 1.5, hi: 1.8 };
const rounds = { p50: [500], p99: [900], cpu: [9.5], serverCpu: [4], clientCpu: [5.5] };
const report: Report = {
  env: { node: 'v20.20.2', cpus: 2, cpu: 'some', versions: { ws: '8.23.0' } },
  group: 'ws',
  title: 'Client to its <node>',
  rounds: 1,
  cells: [
    { case: 'swarm', conc: 64, size: 100, rps: [123_456], ...rounds, brokerCpu: [0], wire: [234] },
  ],
  ratios: [{ a: 'swarm', b: 'ws', conc: 64, metric: 'rps', ...interval }],
  goals: [
    {
      ...{ id: 'ws-raw', text: 'faster', a: 'swarm', b: 'ws', conc: 64, metric: 'rps' as const },
      ...{ target: '>= 1.5', ...interval, verdict: 'met' as const },
    },
  ],
  failures: [{ case: 'socket.io', error: '1 of 9 failed' }],
};

describe('figures', () => {
  it('have three digits that count', () => {
    const texts = [123_456, 999.6, 12.345, 0.012345, 0, null].map(figure);

    expect(texts).toEqual(['123,000', '1,000', '12.3', '0.0123', '0', '-']);
  });

  it('are no figures where nothing was measured', () => {
    const none = { median: null, min: null, max: null, lo: null, hi: null };

    expect(intervalText(none)).toBe('-');
    expect(intervalText(interval)).toBe('1.6 [1.5-1.8]');
  });

  it('stand in columns', () => {
    expect(
      table([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toBe('a    bb\nccc   d');
  });
});

describe('a report', () => {
  it('is shown with goals, ratios and failures', () => {
    const text = textOf(report);

    for (const part of ['123,000', 'swarm / ws', '>= 1.5', 'met', 'FAILED socket.io']) {
      expect(text).toContain(part);
    }
  });

  it('is a table of markdown', () => {
    const text = markdownOf([report]);

    expect(text).toContain(
      '| Client to its \\<node>: faster | swarm / ws | requests/s, 64 in flight | ≥ 1.5 |',
    );
    expect(text).toContain(
      '|  | in flight | requests/s | p50 (us) | CPU (us/request) | bytes/request |',
    );
    expect(text).toContain('| swarm | 64 | 123,000 | 500 | 9.5 | 234 |');
    expect(text).toContain('Failed: socket.io: 1 of 9 failed');
    expect(text).toContain('ws 8.23.0');
  });

  it('is a page that needs nothing else, in light and dark', () => {
    const page = htmlOf([report]);

    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).toContain('<svg');
    expect(page).toContain('Client to its &lt;node&gt;');
    expect(page).toContain('ws 8.23.0');
    expect(page).not.toMatch(/<script|<link|https?:|url\(|@import/);
  });
});

describe('the CPU time of a broker', () => {
  const [cell] = report.cells;
  const told = (brokerCpu: readonly number[]) => [
    { ...report, cells: [{ ...(cell as Cell), brokerCpu }] },
  ];

  it('is shown where there was one', () => {
    expect(markdownOf(told([7]))).toContain('| 9.5 | 7 | 234 |');
    expect(htmlOf(told([7]))).toContain('broker CPU (us/request), 64 in flight');
    expect(htmlOf(told([0]))).not.toContain('broker CPU');
  });
});

describe('the order of a round', () => {
  it('begins with another one each time, and goes backwards every other time', () => {
    const orders = [0, 1, 2, 3].map((round) => inOrder(['a', 'b', 'c'], round).join(''));

    expect(orders).toEqual(['abc', 'acb', 'cab', 'cba']);
  });
});
