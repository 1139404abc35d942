import type { Fault } from './fault.ts';
import { kill } from './kill.ts';
import { stop } from './stop.ts';

/** Every fault by name. A new one is a file and a row here. */
export const FAULTS = { stop, kill } as const satisfies Record<string, Fault>;
