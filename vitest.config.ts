import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Workspace packages resolve to their sources: tests need no build. No `import` here: it would
  // reach Node's own `require` too, and CommonJS dependencies would get ES modules.
  ssr: { resolve: { conditions: ['@swarm/source', 'module', 'node'] } },
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
