import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Workspace packages resolve to their sources: tests need no build.
  ssr: { resolve: { conditions: ['@swarm/source', 'module', 'node', 'import', 'default'] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts'],
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/core/src/**'],
      thresholds: { branches: 95 },
    },
  },
});
