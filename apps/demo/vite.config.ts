import { defaultClientConditions, defineConfig } from 'vite';

/** The page, from the sources of everything it uses, into files the demo's own server serves. */
export default defineConfig({
  root: 'src/page',
  base: './',
  logLevel: 'warn',
  resolve: { conditions: ['@swarm/source', ...defaultClientConditions] },
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    // Everything is a file of its own: the page's policy allows no inline data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
