import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rabbitmqctl, requireBroker } from '@swarm/conformance/brokers';
import { connect } from 'amqplib';
import { beforeAll, describe, expect, it } from 'vitest';
import { amqp } from '../src/index.ts';
import { failure, Host, open, printed, shared, stopAfter } from './fixture.ts';

/** The rights that the README asks for: of an `arena`, to configure, write and read. */
const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const RIGHTS = /set_permissions .*arena '(.*)' '(.*)' '(.*)'/.exec(README)?.slice(1) ?? [];
const NONE = '^$';
/** Beyond that, users who lack one of them. */
const USERS: Readonly<Record<string, readonly string[]>> = {
  arena: RIGHTS,
  inconfigurable: RIGHTS.with(0, NONE),
  unwritable: RIGHTS.with(1, NONE),
  // It may bind its queue, but not publish.
  silent: RIGHTS.with(1, '^arena\\.p'),
  unreadable: RIGHTS.with(2, NONE),
  // It is not let in.
  stranger: [],
};

const urlOf = (user: string) => shared.url.replace('//', `//${user}:s3cret@`);

describe.runIf(requireBroker('rabbitmq'))('with the rights of the README', () => {
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'amqp-users-'));
    // The tool may run as another user.
    chmodSync(folder, 0o755);
    const path = join(folder, 'definitions.json');
    const users = Object.keys(USERS).map((name) => ({ name, password: 's3cret', tags: [] }));
    const permissions = Object.entries(USERS).map(([user, [configure, write, read]]) => {
      return { user, vhost: '/', configure, write, read };
    });
    const definitions = { users, permissions: permissions.filter(({ read }) => read) };
    writeFileSync(path, JSON.stringify(definitions));
    await rabbitmqctl(shared, 'import_definitions', path);
    rmSync(folder, { recursive: true });
  });

  it('a link does all that it has to', async () => {
    const { host, link } = await open(amqp(urlOf('arena')), new Host('arena'));
    await link.subscribe(['arena.n.chosen=20id', 'arena.n.left']);
    await link.unsubscribe(['arena.n.left']);

    link.publish(host.inbox, Buffer.from('inbox'), 1);
    link.publish('arena.n.chosen=20id', Buffer.from('chosen'), 2);
    link.publish('arena.n.left', Buffer.from('lost'), 3);
    await host.until(() => host.heard.length === 2 && host.verdicts.length === 1);
    await link.close();

    expect(host.texts).toEqual([`${host.inbox}: inbox`, 'arena.n.chosen=20id: chosen']);
    expect([host.verdicts, host.losses]).toEqual([[3], []]);
  });

  it('there is no link in another namespace', async () => {
    const error = await failure(amqp(urlOf('arena')).connect(new Host('other')));

    expect(error).toMatchObject({ subtype: 'forbidden', delivered: 'no' });
    expect(error.message).toMatch(/ACCESS_REFUSED - access to queue 'other\.p\..* for the user"$/);
    expect(printed(error)).not.toMatch(/'arena'|s3cret/);
  });

  it.each(['inconfigurable', 'unwritable', 'silent', 'unreadable'])(
    'there is none for somebody %s',
    async (user) => {
      const error = await failure(amqp(urlOf(user)).connect(new Host('arena')));

      expect(error).toMatchObject({ subtype: 'forbidden', delivered: 'no' });
      expect(printed(error)).not.toMatch(new RegExp(`${user}|s3cret`));
    },
  );

  it('there is none for somebody who is not let in', async () => {
    const error = await failure(amqp(urlOf('stranger')).connect(new Host('arena')));

    expect(error.message).toContain('does not open the virtual host');
    expect(printed(error)).not.toMatch(/stranger|s3cret/);
  });

  it('a refused subject fails its call, and the link goes on', async () => {
    const { host, link } = await open(amqp(urlOf('arena')), new Host('arena'));
    const admin = await connect(shared.url);
    stopAfter(() => admin.close());
    const channel = await admin.createChannel();
    const options = { durable: false, autoDelete: true };
    const grant = (...rights: readonly string[]) =>
      rabbitmqctl(shared, 'set_permissions', 'arena', ...rights);
    stopAfter(() => grant(...RIGHTS));

    // RabbitMQ remembers for a channel what it may do: this makes the link take another one.
    await channel.deleteExchange('arena.direct');
    const gone = await failure(link.subscribe(['arena.n.a']));
    await channel.assertExchange('arena.direct', 'direct', options);
    await grant(...RIGHTS.with(2, NONE));
    const refused = [
      await failure(link.subscribe(['arena.n.a', 'arena.n.b'])),
      await failure(link.unsubscribe(['arena.n.a'])),
    ];
    await grant(...RIGHTS);
    await link.subscribe(['arena.n.c']);
    link.publish('arena.n.a', Buffer.from('a'), 1);
    link.publish('arena.n.c', Buffer.from('c'), 2);
    await host.until(() => host.heard.length === 1 && host.verdicts.length === 1);

    expect(gone).toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect(gone.message).toContain("NOT_FOUND - no exchange 'arena.direct'");
    for (const error of refused) {
      expect(error).toMatchObject({ subtype: 'forbidden', delivered: 'no' });
      expect(printed(error)).not.toMatch(/'arena'/);
    }
    expect([host.texts, host.verdicts, host.losses]).toEqual([['arena.n.c: c'], [1], []]);
  });
});

describe.runIf(requireBroker('rabbitmq'))('a namespace', () => {
  it('may not be that of RabbitMQ itself', async () => {
    const error = await failure(amqp(shared.url).connect(new Host('amq')));

    expect(error).toMatchObject({ subtype: 'forbidden' });
    expect(error.message).toContain('reserved prefix');
  });
});
