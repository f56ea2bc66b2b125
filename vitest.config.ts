import { defineConfig } from 'vitest/config';
import type { Reporter, TestModule } from 'vitest/node';

/** The run in one plain line, printed after everything else. */
const summary: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A hook or an import that failed leaves tests skipped, and none failed.
    const isBroken = (module: TestModule) =>
      module.state() === 'failed' &&
      ![...module.children.allTests()].some((test) => test.result().state === 'failed');
    const broken = modules.filter(isBroken).length + errors.length;
    const skipped = count('skipped');
    const tail = skipped === 0 ? '' : `, ${skipped} skipped`;
    process.once('exit', () => {
      console.log(`${count('passed')} passed, ${count('failed') + broken} failed${tail}`);
    });
  },
};

/** Tests that talk to real brokers, which are installed before them where that is possible. */
const BROKERS = [
  'packages/conformance/test/broker*.test.ts',
  'packages/{redis,nats}/test/**/*.test.ts',
  'apps/demo/test/**/*.test.ts',
];
const RABBITMQ = ['packages/conformance/test/broker-rabbitmq*.test.ts'];
const AMQP = ['packages/amqp/test/**/*.test.ts'];
const PROOF = ['apps/proof/test/**/*.test.ts'];
const BROWSER = ['packages/*/test/**/browser.test.ts', 'apps/*/test/**/browser.test.ts'];

export default defineConfig({
  // Workspace packages resolve to their sources: tests need no build. No `import` here: it would
  // reach Node's own `require` too, and CommonJS dependencies would get ES modules.
  ssr: { resolve: { conditions: ['@swarm/source', 'module', 'node'] } },
  test: {
    reporters: ['default', summary],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts'],
          exclude: [...BROWSER, ...BROKERS, ...AMQP, ...PROOF],
        },
      },
      {
        extends: true,
        test: {
          name: 'broker',
          include: BROKERS,
          exclude: [...BROWSER, ...RABBITMQ],
          // Of no effect on runs without any of these tests, as below.
          globalSetup: 'packages/conformance/test/broker.setup.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'rabbitmq',
          include: RABBITMQ,
          // Its own project, so that runs without it do not install Erlang.
          globalSetup: 'packages/conformance/test/broker-rabbitmq.setup.ts',
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'amqp',
          include: AMQP,
          globalSetup: [
            'packages/conformance/test/broker-rabbitmq.setup.ts',
            // One for all files that leave it as it is: it takes some seconds to start.
            'packages/amqp/test/shared-broker.setup.ts',
          ],
          // They wait for a broker most of their time. Such a project has to be a group of its own.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 90_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'proof',
          include: PROOF,
          globalSetup: [
            'packages/conformance/test/broker.setup.ts',
            'packages/conformance/test/broker-rabbitmq.setup.ts',
          ],
          // Each file has several processes and a broker of its own.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          testTimeout: 30_000,
          hookTimeout: 90_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: BROWSER,
          globalSetup: 'packages/ws/test/chromium.setup.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/core/src/**'],
      reporter: ['text-summary', 'json'],
      thresholds: { branches: 95 },
    },
  },
});
