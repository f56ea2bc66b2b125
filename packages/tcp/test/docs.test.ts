import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { start } from './examples/tcp.ts';
import { dial, failure, stopAfter } from './fixture.ts';

it('the example lets in who has the token, and nobody else', async () => {
  const { server, port, ada } = await start();
  stopAfter(() => server.close());
  stopAfter(() => ada.close());

  expect(await ada.send('add', 1, 2)).toBe(3);

  expect([...server.nodes.keys()]).toEqual(['ada']);
  const stranger = dial(`tcp://localhost:${port}/bob`);
  expect((await failure(stranger.ready())).subtype).toBe('unauthorized');
});

it('is what docs/tcp.md shows', () => {
  const example = readFileSync(new URL('examples/tcp.ts', import.meta.url), 'utf8');
  const document = readFileSync(new URL('../../../docs/tcp.md', import.meta.url), 'utf8');

  expect(document).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
});
