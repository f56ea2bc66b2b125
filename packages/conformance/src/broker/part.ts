import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers } from './question.ts';
import type { Part } from './recipe.ts';
import { startTethered, type Tethered } from './tethered.ts';

const ASK_EVERY_MS = 20;
/** Of the log, in an error. RabbitMQ says much before it ends, and the reason first. */
const TAIL_LINES_MAX = 100;

/** Only started: see {@link untilAnswering}. */
export function startPart({ command }: Part, folder: string): Tethered {
  return startTethered(command, folder, logPathOf(command.program, folder));
}

/** @throws Error with the end of its log when the process ends first, or does not within time. */
export async function untilAnswering(
  part: Part,
  process: Tethered,
  folder: string,
  msMax: number,
): Promise<void> {
  const deadlineMs = performance.now() + msMax;
  while (!(await answers(part.port, part.question)) || process.hasExited) {
    if (process.hasExited) throw await failure(part, folder, 'ended before it answered');
    if (performance.now() > deadlineMs) throw await failure(part, folder, 'did not answer');
    await sleep(ASK_EVERY_MS);
  }
}

async function failure({ command }: Part, folder: string, what: string): Promise<Error> {
  const log = await readFile(logPathOf(command.program, folder), 'utf8');
  const tail = log.trimEnd().split('\n').slice(-TAIL_LINES_MAX).join('\n');
  return new Error(`${command.program} ${what}. The end of its log:\n${tail}`);
}

/** Of what a program says in its folder. */
export function logPathOf(program: string, folder: string): string {
  return join(folder, `${basename(program)}.log`);
}
