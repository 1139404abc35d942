import type { Bindings } from './target.ts';

/** The kinds of work `workload.mix` may name, and the bindings that each needs. */
export const MIX_BINDINGS: Readonly<Record<string, readonly (keyof Bindings)[]>> = {
  execute: ['execute'],
  operation: ['operation'],
  'register.append': ['register'],
  mcp: ['mcp'],
  events: ['events', 'register'],
  stream: ['stream'],
};
