import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const lossClauses: readonly SwarmClause[] = [
  {
    id: 'LOSS-1',
    statement:
      'every link of a broker that goes away reports the loss once, with a cause, last of all',
    run: reportedOnce,
  },
  {
    id: 'LOSS-2',
    statement: 'after a loss publish does nothing, subscribe settles, and close resolves',
    run: deadButQuiet,
  },
  {
    id: 'LOSS-3',
    statement: 'a connect under way when the broker goes away settles; its link works or is lost',
    run: connectUnderWay,
  },
];

async function reportedOnce(bench: SwarmBench): Promise<void> {
  const stations = await bench.openMany(3);
  const subject = bench.subject();
  for (const station of stations) await station.subscribe(subject);
  for (const station of stations) station.publish(subject, 'heard by all');
  for (const station of stations) await station.hears(3);
  // So that there is something left to deliver.
  for (const station of stations) {
    for (let i = 1; i <= 100; i += 1) {
      station.publish(subject, 'on its way');
      station.publish(bench.subject(), 'to nobody', i);
    }
  }

  await bench.sever(...stations);
  for (const station of stations) await station.close();
  const { later } = await bench.open('later');
  await later.fence();

  for (const { losses, callsSinceLoss } of stations) {
    assert.equal(losses.length, 1, 'losses of one link');
    assert(losses[0] !== undefined && losses[0] !== null, 'a loss has a cause');
    assert.equal(callsSinceLoss, 1, 'calls of the host from the loss on');
  }
}

async function deadButQuiet(bench: SwarmBench): Promise<void> {
  const { lost, other } = await bench.open('lost', 'other');
  const subject = bench.subject();
  const underWay = Promise.allSettled([lost.link.subscribe(bench.subjects(100))]);

  await bench.sever(lost, other);
  lost.publish(other.inbox, 'too late');
  lost.publish(subject, 'too late', 1);
  // Resolved or rejected, both are fine; never is not.
  await lost.settles(underWay);
  await lost.settles(lost.link.subscribe([subject]));
  await lost.settles(lost.link.unsubscribe([subject]));
  const later = await bench.openAt(other.inbox);
  await later.fence();
  await lost.close();
  await lost.close();

  assert.deepEqual(later.texts(), []);
  assert.deepEqual(lost.verdicts, [], 'verdicts for what was published after the loss');
}

async function connectUnderWay(bench: SwarmBench): Promise<void> {
  const hosts = Array.from({ length: 10 }, (_, i) => bench.host(`${bench.prefix}.p.late-${i}`));
  const connecting = Promise.allSettled(hosts.map((host) => host.connect(bench.swarm)));

  await bench.sever();
  await bench.waiting.within(connecting, () => 'every connect is settled');
  for (const host of hosts.filter(({ isOpen }) => isOpen)) {
    host.publish(host.inbox, 'it works');
    await host.until(
      () => 'a link works or is lost',
      () => host.heard.length + host.losses.length > 0,
    );
  }
}
