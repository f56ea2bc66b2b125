import { BroadcastChannel } from 'node:worker_threads';
import { broadcast } from '../src/example/broadcast.ts';
import { swarmConformance } from '../src/index.ts';

swarmConformance('broadcast', () => {
  const switchboard = new BroadcastChannel('conformance');
  return {
    swarm: broadcast('broadcast:conformance'),
    sever: () => switchboard.postMessage(null),
    close: () => switchboard.close(),
  };
});
