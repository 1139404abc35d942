import { capacityChecks } from './capacity.ts';
import { coldStartChecks } from './cold-start.ts';
import { soakChecks } from './soak.ts';
import { spreadChecks } from './spread.ts';
import { steadyChecks } from './steady.ts';
import { streamChecks } from './stream-throughput.ts';

// One file, because the order matters: what loads the target to its limits or ends it comes after what needs it undisturbed.
steadyChecks();
streamChecks();
spreadChecks();
soakChecks();
capacityChecks();
coldStartChecks();
