import { readdirSync, readlinkSync } from 'node:fs';

/** Ids of the processes that work in this folder, even if it is removed; none without /proc. */
export function processesIn(folder: string): number[] {
  const works = (pid: number) => workingFolder(pid).startsWith(folder);
  return allProcesses().filter(works);
}

function allProcesses(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    // Not every system has it.
    return [];
  }
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has ended, or is another's.
    return '';
  }
}
