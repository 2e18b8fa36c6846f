import { limitsOfBoth } from './limits/of-both.ts';
import { limitsOfClients } from './limits/of-clients.ts';
import { limitsOfTrackers } from './limits/of-trackers.ts';

const sections = [...limitsOfTrackers(), ...limitsOfClients(), ...limitsOfBoth()];

/** docs/reference/limits.md: every bound on what comes from outside. */
export const limitsPage = (): string => `# Limits

Written by \`npm run docs\` from the tables named below; a test holds the two equal. Codes: [errors.md](errors.md).

${sections.join('\n')}`;
