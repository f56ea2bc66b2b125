import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const closeClauses: readonly SwarmClause[] = [
  {
    id: 'CLOSE-1',
    statement: 'the host hears nothing once close has resolved, amid traffic too',
    run: nothingAfterwards,
  },
  {
    id: 'CLOSE-2',
    statement: 'publishing after close does nothing, and does not throw',
    run: publishDoesNothing,
  },
  {
    id: 'CLOSE-3',
    statement: 'close may be called again, at once or later, and resolves each time',
    run: closedAgain,
  },
  {
    id: 'CLOSE-4',
    statement: 'closing is not reported as a loss',
    run: noLoss,
  },
  {
    id: 'CLOSE-5',
    statement:
      'subscribe and unsubscribe settle, when they were under way at a close or come after it',
    run: subscribeSettles,
  },
];

async function nothingAfterwards(bench: SwarmBench): Promise<void> {
  const { publisher, closing } = await bench.open('publisher', 'closing');
  const { quiet } = await bench.open('quiet');
  const subject = bench.subject();
  await quiet.subscribe(subject);
  await quiet.close();
  publisher.publish(subject, 'too late');
  publisher.publish(quiet.inbox, 'too late');
  await publisher.fence();
  assert.equal(quiet.calls, 0, 'calls of a host whose link closed without traffic');

  await closing.subscribe(subject);
  publisher.publish(subject, 'heard');
  await closing.hears(1);
  for (let i = 1; i <= 500; i += 1) {
    publisher.publish(subject, 'amid traffic');
    closing.publish(bench.subject(), 'to nobody', i);
  }
  await closing.close();
  const { calls } = closing;
  for (let i = 0; i < 10; i += 1) {
    publisher.publish(subject, 'too late');
    publisher.publish(closing.inbox, 'too late');
  }
  await publisher.fence();
  // A later link is the only one that can hear the same subject behind them.
  const { later } = await bench.open('later');
  await later.subscribe(subject);
  await publisher.fence(later);

  assert.equal(closing.calls, calls, 'calls of the host, and those before the close');
}

async function publishDoesNothing(bench: SwarmBench): Promise<void> {
  const { closed, station } = await bench.open('closed', 'station');
  await closed.close();

  closed.publish(station.inbox, 'too late');
  closed.publish(bench.subject(), 'too late', 1);
  const { other } = await bench.open('other');
  await other.fence(station);

  assert.deepEqual(station.texts(), []);
}

async function closedAgain(bench: SwarmBench): Promise<void> {
  const { station } = await bench.open('station');

  await Promise.all([station.close(), station.close()]);
  await station.close();
}

async function noLoss(bench: SwarmBench): Promise<void> {
  const { other } = await bench.open('other');
  const stations = await bench.openMany(3);

  await Promise.all(stations.map((station) => station.close()));
  await stations[0]?.close();
  await other.fence();
  // The end of a connection may be noticed later than anything else.
  await other.close();
  const { later } = await bench.open('later');
  await later.fence();

  assert.deepEqual(
    stations.flatMap(({ losses }) => losses),
    [],
    'losses',
  );
}

async function subscribeSettles(bench: SwarmBench): Promise<void> {
  const { publisher, closed } = await bench.open('publisher', 'closed');
  const subject = bench.subject();
  await closed.subscribe(subject);
  const underWay = closed.link.subscribe(bench.subjects(100));
  underWay.catch(() => {});
  await closed.close();
  const { calls } = closed;

  // Resolved or rejected, both are fine; never is not.
  await closed.settles(underWay);
  await closed.settles(closed.link.subscribe([bench.subject()]));
  await closed.settles(closed.link.unsubscribe([subject]));
  publisher.publish(subject, 'too late');
  await publisher.fence();

  assert.equal(closed.calls, calls, 'calls of the host, and those before');
}
