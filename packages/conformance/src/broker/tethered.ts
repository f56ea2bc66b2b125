import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Becomes the program named by its arguments, and leaves a watchdog behind that reads what the
 * starting process holds the other end of. The first line says that the program has ended, the
 * second that its folder is taken care of. An end instead means that the starting process is gone,
 * killed perhaps, and then so go the program and the folder.
 */
const TETHER = `folder=$1; shift
{
  read -r line <&3 || kill -9 $$
  read -r line <&3 || rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
} >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that does not outlive this one. */
export interface Tethered {
  readonly pid: number;
  readonly hasExited: boolean;
  /** SIGKILL. Resolves when the process is gone, and its id with it; idempotent. */
  kill(): Promise<void>;
  /** SIGSTOP. Resolves when it has stopped. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): void;
  /** To be called once, when it has ended and its folder is gone or in use by another. */
  dismissWatchdog(): void;
}

/** Starts it with `folder` as its working directory and whatever it says added to `logPath`. */
export function startTethered(command: Command, folder: string, logPath: string): Tethered {
  const log = openSync(logPath, 'a');
  const child = spawn('/bin/sh', ['-c', TETHER, 'sh', folder, command.program, ...command.args], {
    cwd: folder,
    env: { ...process.env, ...command.env },
    stdio: ['ignore', log, log, 'pipe'],
    // A session of its own: Ctrl-C in the terminal ends the tests, and only thereby the broker.
    detached: true,
  });
  closeSync(log);
  return watch(child);
}

function watch(child: ChildProcess): Tethered {
  const { pid } = child;
  // Whether this process goes on is not for the watchdog to decide.
  const tether = (child.stdio[3] as Socket).unref();
  if (pid === undefined) throw new Error('/bin/sh cannot be started');
  let hasExited = false;
  // The watchdog may have been ended by others.
  tether.on('error', () => {});
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      hasExited = true;
      tether.write('\n');
      resolve();
    });
  });
  const send = (signal: NodeJS.Signals) => {
    if (!child.kill(signal)) throw new Error('the process is not running');
  };
  return {
    pid,
    get hasExited() {
      return hasExited;
    },
    async kill() {
      if (!hasExited) child.kill('SIGKILL');
      await exited;
    },
    async pause() {
      send('SIGSTOP');
      while (!hasExited && isRunning(pid)) await sleep(1);
    },
    resume: () => send('SIGCONT'),
    dismissWatchdog: () => tether.end('\n'),
  };
}

/** Whether a stopped process has yet to stop; not known where there is no /proc. */
function isRunning(pid: number): boolean {
  if (!existsSync('/proc/self/stat')) return false;
  // The name of the program, in parentheses, may hold anything.
  const [, state] = /.*\) (\w)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  return state !== 'T';
}
