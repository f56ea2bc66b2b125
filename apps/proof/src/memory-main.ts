/** A process that performs the scenario in memory, with so many servers, and reports. */
import { perform } from './scenario.ts';
import { memorySite } from './stage/site.ts';

process.on('disconnect', () => process.exit());
const performance = await perform(memorySite(), Number(process.argv[2]));
process.send?.(performance, () => process.disconnect());
