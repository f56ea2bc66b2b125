import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Arena, startArena } from './arena.ts';
import { check } from './check.ts';
import { startSimulation } from './simulation.ts';

const { values } = parseArgs({
  options: { check: { type: 'boolean' }, port: { type: 'string' }, host: { type: 'string' } },
});

if (values.check === true) await runCheck();
else await runDemo(Number(values.port ?? process.env['PORT'] ?? 8080));

async function runCheck(): Promise<void> {
  const { client, server, remoteClient, crossing, dialects, failed } = await check();
  console.log(`client requests: ${client}`);
  console.log(`server requests: ${server}`);
  console.log(`remote client requests: ${remoteClient}`);
  console.log(`crossing servers: ${crossing} of ${server + remoteClient}`);
  console.log(`results, declared errors, events, cancels, deadlines in two dialects: ${dialects}`);
  const requests = client + server + remoteClient + dialects;
  console.log(`demo: ${requests} requests, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function runDemo(port: number): Promise<void> {
  const arena = await start(port);
  if (arena === null) {
    process.exitCode = 1;
    return;
  }
  const stopSimulation = startSimulation({
    url: (name) => arena.url(name.length % 2 === 0 ? 'a' : 'b', name),
  });
  console.log(`open http://localhost:${arena.port}`);
  console.log('Ctrl+C ends it');
  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    await stopSimulation();
    await arena.close();
    // Nothing is left to do, so the process ends by itself.
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, end);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);
}

/** Null when there is no such port, or it cannot be had. */
async function start(port: number): Promise<Arena | null> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error('a port is a number from 0 to 65535');
    return null;
  }
  const page = fileURLToPath(new URL('./page', import.meta.url));
  try {
    return await startArena({
      port,
      page,
      ...(values.host !== undefined && { host: values.host }),
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'needs privileges' : 'is taken';
    console.error(`port ${port} ${why}: choose another with PORT=… or --port …`);
    return null;
  }
}
