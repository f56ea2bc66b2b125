import { fileURLToPath } from 'node:url';
import { startBroker } from '@swarm/conformance/brokers';
import { type Arena, startArena } from './arena.ts';
import { check } from './check.ts';
import { type Carrier, type Options, parseOptions } from './options.ts';
import { startProcesses } from './processes.ts';
import { startSimulation } from './simulation.ts';
import { swarmOf } from './swarms.ts';

const PAGE = fileURLToPath(new URL('./page', import.meta.url));

/** What runs, and what ends it. */
interface Running {
  readonly arena: Arena;
  stop(): Promise<void>;
}

try {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options.isCheck) await runCheck(options);
  else await runDemo(options);
} catch (error) {
  fail(error);
}

async function runCheck(options: Options): Promise<void> {
  const { arena, stop } = await start({ ...options, port: 0, host: undefined }, () => {});
  const result = await check(arena).finally(stop);
  const { client, server, remoteClient, crossing, processes, dialects, failed } = result;
  const requests = client + server + remoteClient;
  console.log(`client requests: ${client}`);
  console.log(`server requests: ${server}`);
  console.log(`remote client requests: ${remoteClient}`);
  console.log(`crossing servers: ${crossing} of ${server + remoteClient}`);
  console.log(`results, declared errors, events, cancels, deadlines in two dialects: ${dialects}`);
  const between = processes > 1 ? `, ${crossing} between ${processes} processes` : '';
  console.log(`demo: ${requests + dialects} requests${between}, ${failed} failed`);
  const isSpread = crossing * 3 >= requests && processes === (options.processes?.length ?? 1);
  if (!isSpread) console.error('demo: less than a third crossed, or not all processes took part');
  process.exitCode = failed === 0 && isSpread ? 0 : 1;
}

async function runDemo(options: Options): Promise<void> {
  const { arena, stop } = await start(options, (text) => console.log(text));
  const { paths } = arena;
  const stopSimulation = startSimulation({
    url: (name) => arena.url(paths[name.length % paths.length] ?? '', name),
  });
  console.log(`open http://localhost:${arena.port}`);
  console.log('Ctrl+C ends it');
  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    await stopSimulation();
    await stop().catch(fail);
    // Nothing is left to do, so the process ends by itself.
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, end);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);
}

async function start(options: Options, say: (text: string) => void): Promise<Running> {
  const { port, host, processes } = options;
  const broker = await openBroker(options.carrier);
  try {
    const common = { port, host, page: PAGE };
    const arena =
      processes === null
        ? await startArena({ ...common, swarm: swarmOf(broker.url) })
        : await startProcesses({ ...common, url: broker.url, names: processes, say });
    return { arena, stop: () => arena.close().finally(() => broker.stop()) };
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

/** The broker that runs already, or one of our own, which ends with us. */
async function openBroker(carrier: Carrier): Promise<{ url: string; stop(): Promise<void> }> {
  if (carrier.kind === 'own') return await startBroker(carrier.broker);
  return { url: carrier.url, stop: async () => {} };
}

function fail(error: unknown): void {
  console.error(`demo: ${reasonOf(error)}`);
  process.exitCode = 1;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return 'the port is taken: choose another with PORT=… or --port …';
  if (code === 'EACCES') return 'the port needs privileges: choose another with --port …';
  return error.message;
}
