import fc from 'fast-check';

/** Property tests draw the same inputs in each run of `npm test`: it says whether a change broke something. `npm run explore` looks for what no run has drawn yet. */
const seed = Number(process.env['PEERAGE_SEED'] ?? 20_251_101);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
