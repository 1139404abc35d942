import { packContext } from './pack-context.ts';
import type { Pattern } from './registry.ts';

export const EXECUTION_MODES = ['fast', 'balanced', 'comprehensive'] as const;
export type ExecutionMode = (typeof EXECUTION_MODES)[number];

export interface Plan {
  /** What is sent. */
  readonly prompt: string;
  /** What would be sent without compression. */
  readonly baselinePrompt: string;
  readonly maxTokens: number;
}

const MAX_TOKENS: Readonly<Record<ExecutionMode, number>> = { fast: 32, balanced: 64, comprehensive: 128 };
const FILLER = /\b(?:please|kindly|very|really|just|basically|actually|in order to|it is important to note that)\b\s*/giu;

/**
 * Decides what is asked: instructions, context and query, compressed as far as the mode allows. Comprehensive sends all as it is;
 * balanced leaves it to the pattern whether its questions take more than a brief answer.
 */
export function planPrompt(pattern: Pattern, mode: ExecutionMode, query: string, context: unknown): Plan {
  const background = context === undefined ? '' : JSON.stringify(context);
  const baselinePrompt = [pattern.instructions, background, query].filter((part) => part !== '').join('\n\n');
  if (mode === 'comprehensive') return { prompt: baselinePrompt, baselinePrompt, maxTokens: MAX_TOKENS[mode] };
  const effort = mode === 'balanced' && pattern.isBrief ? 'fast' : mode;
  const instructions = effort === 'fast' ? lastLine(pattern.instructions) : pattern.instructions;
  const packed = context === undefined ? '' : packContext(context);
  const prompt = [compress(instructions), packed, query].filter((part) => part !== '').join('\n');
  return { prompt, baselinePrompt, maxTokens: MAX_TOKENS[effort] };
}

/** Drops filler words, repeated sentences and superfluous space. The user's query is never touched. */
export function compress(text: string): string {
  const sentences = text.split(/(?<=[.!?])\s+/u).map((sentence) => sentence.replace(FILLER, '').replace(/\s+/gu, ' ').trim());
  return [...new Set(sentences)].filter((sentence) => sentence !== '').join(' ');
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}
