import { readFile, writeFile } from 'node:fs/promises';
import { CLUSTERS } from '../brokers.ts';
import { chaosTables } from './chaos-table.ts';
import { guaranteeTable } from './guarantee-table.ts';
import { replaceBetween } from './markdown.ts';
import { pathOf } from './repository.ts';
import { type Results, readResults } from './results.ts';

interface Document {
  readonly path: string;
  /** Of the place between its comments, and what belongs there. */
  readonly name: string;
  readonly textOf: (results: Results) => string;
}

const DOCUMENTS: readonly Document[] = [
  { path: 'README.md', name: 'guarantees', textOf: (results) => guaranteeTable(results, '') },
  {
    path: 'docs/clusters.md',
    name: 'guarantees',
    textOf: (results) => guaranteeTable(results, '../', CLUSTERS),
  },
  { path: 'docs/reliability.md', name: 'chaos', textOf: chaosTables },
];

/** The documents as they are, and as the results want them. */
export async function documents(): Promise<
  readonly { readonly path: string; readonly is: string; readonly should: string }[]
> {
  const results = await readResults();
  return Promise.all(
    DOCUMENTS.map(async ({ path, name, textOf }) => {
      const is = await readFile(pathOf(path), 'utf8');
      return { path, is, should: replaceBetween(is, name, textOf(results)) };
    }),
  );
}

export async function writeDocuments(): Promise<void> {
  for (const { path, is, should } of await documents()) {
    if (is !== should) await writeFile(pathOf(path), should);
  }
}
