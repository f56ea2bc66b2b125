import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * What contracts cost the compiler: for each size a contract and 20 uses of it, compiled against
 * the packages as users get them. The row of 0 is an empty contract. It prints, and judges nothing.
 */
const SIZES = [0, 1, 200, 1_000];
const RUNS = 3;
const USES = 20;
const GROUP_SIZE = 20;

const HOUSE = fileURLToPath(new URL('..', import.meta.url));
const COMPILER = join(HOUSE, '../../node_modules/.bin/tsc');
/** Columns of the table, by what the compiler calls them. */
const MEASURES = {
  Types: 'types',
  Instantiations: 'instantiations',
  'Memory used': 'memory (KB)',
  'Check time': 'check (s)',
};

const folder = await mkdtemp(join(tmpdir(), 'swarm-bench-'));
try {
  await symlink(join(HOUSE, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const rows = [];
  for (const size of SIZES) rows.push({ functions: size, ...(await measure(size)) });
  console.table(rows);
} finally {
  await rm(folder, { recursive: true });
}

/** Medians of some runs. */
async function measure(size: number): Promise<Readonly<Record<string, number>>> {
  const config = join(folder, `tsconfig.${size}.json`);
  const target = { target: 'ES2023', module: 'NodeNext', types: [], skipLibCheck: true };
  const compilerOptions = { ...target, strict: true, noEmit: true };
  await writeFile(config, JSON.stringify({ compilerOptions, files: [`size-${size}.ts`] }));
  await writeFile(join(folder, `size-${size}.ts`), program(size));
  const outputs: string[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const args = ['--extendedDiagnostics', '-p', config];
    outputs.push((await promisify(execFile)(COMPILER, args)).stdout);
  }
  const columns = Object.entries(MEASURES).map(([said, column]) => {
    const values = outputs.map((output) =>
      Number(output.split(`${said}:`)[1]?.match(/[\d.]+/)?.[0]),
    );
    return [column, values.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN] as const;
  });
  return Object.fromEntries(columns);
}

/** A contract of so many functions in groups, and its uses: calls, results, errors, handlers. */
function program(size: number): string {
  const groups = new Map<string, string[]>();
  for (let index = 0; index < size; index += 1) {
    const { group, name } = place(index);
    groups.set(group, [...(groups.get(group) ?? []), `      ${name}: ${definition(index)},`]);
  }
  const members = [...groups].map(([name, lines]) => `    ${name}: {\n${lines.join('\n')}\n    },`);
  const uses = Array.from({ length: size === 0 ? 0 : USES }, (_, index) => use(index, size));
  return [
    "import * as z from 'zod/mini';",
    "import { type Client, contract, fn, type Server } from '@swarm/core';",
    'export const wide = contract({\n  node: {',
    ...members,
    '  },\n});',
    'declare const client: Client<typeof wide>;',
    'declare const server: Server<typeof wide>;',
    ...uses,
  ].join('\n');
}

function place(index: number): { readonly group: string; readonly name: string } {
  return { group: `group${Math.floor(index / GROUP_SIZE)}`, name: `do${index}` };
}

function definition(index: number): string {
  const args = `z.string(), z.object({ id: z.number(), tag${index}: z.optional(z.string()) })`;
  const result = `z.object({ total${index}: z.number(), items: z.array(z.string()) })`;
  return `fn(${args}).returns(${result}).throws({ FULL_${index}: z.object({ max: z.number() }) })`;
}

/** Spread over the whole contract. A wrong type would be an error, so they are used to the end. */
function use(index: number, size: number): string {
  const target = Math.floor((index * size) / USES);
  const { group, name } = place(target);
  const given = `'text', { id: ${index} }`;
  return [
    `const safe${index} = await client.call.${group}.${name}.safe(${given});`,
    `if (!safe${index}.ok && safe${index}.error.code === 'FULL_${target}') {`,
    `  safe${index}.error.data.max.toFixed();`,
    '}',
    `(await client.send('${group}.${name}', ${given})).total${target}.toFixed();`,
    `server.client.on('${group}.${name}', (ctx, text, { id }) => {`,
    `  if (id > 1) ctx.fail('FULL_${target}', { max: id });`,
    `  return { total${target}: id, items: [text] };`,
    '});',
  ].join('\n');
}
