import { startArena } from './arena.ts';
import { PLAN_VARIABLE, type Report, type WorkerPlan } from './processes.ts';
import { swarmOf } from './swarms.ts';

/** One of several processes: a server of its own, behind the port they share. */
const { url, ...plan } = JSON.parse(process.env[PLAN_VARIABLE] ?? '') as WorkerPlan;

// Ctrl+C reaches all processes of a terminal; ours end when the first one says so, or is gone.
process.on('SIGINT', () => {});
try {
  const arena = await startArena({ ...plan, swarm: swarmOf(url) });
  process.once('SIGTERM', async () => {
    await arena.close();
    process.exit();
  });
  report({ port: arena.port });
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  report({ failed: message, code });
  process.exitCode = 1;
  process.disconnect();
}

function report(what: Report): void {
  process.send?.(what);
}
