import { startArenas } from './arena.ts';
import { check } from './check.ts';

if (process.argv.includes('--check')) {
  const { client, server, remoteClient, crossing, failed } = await check();
  console.log(`client requests: ${client}`);
  console.log(`server requests: ${server}`);
  console.log(`remote client requests: ${remoteClient}`);
  console.log(`crossing servers: ${crossing} of ${server + remoteClient}`);
  console.log(`demo: ${client + server + remoteClient} requests, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} else {
  const arenas = await startArenas([8080, 8081]);
  for (const { url } of arenas) console.log(`connect a client to ${url}/?name=you`);
  console.log('Ctrl+C ends it');
  process.once('SIGINT', async () => {
    for (const { server } of arenas) await server.close();
  });
}
