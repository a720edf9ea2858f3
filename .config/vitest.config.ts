import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/corpus/**', 'test/judges/**', 'node_modules/**'],
    globalSetup: '.config/temporary-folder.ts',
    setupFiles: '.config/properties.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
