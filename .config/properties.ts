/** Properties run from one seed, so that a change is judged by itself; FUZZ_SEED takes another. */

import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20_261_121) })
