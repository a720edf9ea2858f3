import { defineConfig } from 'vitest/config'

/** Suites over real documents and independent judges: they print counts, and take minutes. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/{corpus,judges}/**/*.test.ts'],
    globalSetup: '.config/temporary-folder.ts',
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
