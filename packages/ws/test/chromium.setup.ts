import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestProject } from 'vitest/node';
import { decide, INSTALL_LINE, inspectMachine } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Without a path the browser tests are skipped; with a problem that is a failure. */
    chromium: { readonly path: string | null; readonly problem: string | null };
  }
}

/** Finds the browser before the browser tests, and only if any of them is part of the run. */
export default async function setup({ provide }: TestProject): Promise<void> {
  let machine = inspectMachine(process.env);
  if (decide(machine) === 'install') {
    console.log(`browser tests: there is no Chromium, so it is installed: ${INSTALL_LINE}`);
    await install();
    machine = { ...inspectMachine(process.env), canInstall: false };
  }
  const decision = decide(machine);
  const missing = `there is no Chromium. Name one by CHROMIUM, or install it: ${INSTALL_LINE}`;
  if (decision === 'skip') console.log(`browser tests: skipped, ${missing}`);
  const failing = machine.isNamed ? 'CHROMIUM names no program' : missing;
  provide('chromium', { path: machine.found, problem: decision === 'fail' ? failing : null });
}

/** What it says goes to the console; whether it worked is seen by the browser being there. */
async function install(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const shell = spawn('sh', ['-c', INSTALL_LINE], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  await once(shell, 'exit');
}
