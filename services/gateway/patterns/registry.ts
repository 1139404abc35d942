export type PatternType = 'infrastructure' | 'memory' | 'hybrid';

export interface Pattern {
  readonly name: string;
  readonly type: PatternType;
  /** Higher goes first. */
  readonly priority: number;
  /** 0: the answer is never cached, because the pattern changes something. */
  readonly cacheTtlSeconds: number;
  /** Patterns whose answers may be different after this one. */
  readonly outdates: readonly string[];
  readonly matches: RegExp;
  /** Its questions take a line or two, whatever they are about: unless told otherwise, only its own instructions are sent. */
  readonly isBrief: boolean;
  readonly instructions: string;
}

const COMMON = `Answer for an operator who will act on it. State what is known, what is assumed and what is missing.
Answer for an operator who will act on it. Do not repeat the question. Do not invent numbers.`;

/** Patterns whose answers depend on what is kept in memory. */
export const MEMORY_READERS: readonly string[] = ['memory_recall', 'general_answer'];
const INFRASTRUCTURE_READERS: readonly string[] = ['infrastructure_status', 'general_answer'];

/** First match by priority wins; the last one takes every query that has a word in it. */
export const PATTERNS: readonly Pattern[] = [
  {
    name: 'memory_write',
    type: 'memory',
    priority: 100,
    cacheTtlSeconds: 0,
    outdates: MEMORY_READERS,
    matches: /\b(remember|store|save|memorise|memorize|write down)\b/iu,
    isBrief: false,
    instructions: `${COMMON}\nConfirm what is to be kept, in one sentence, and name the tags it belongs to.`,
  },
  {
    name: 'infrastructure_change',
    type: 'infrastructure',
    priority: 90,
    cacheTtlSeconds: 0,
    outdates: INFRASTRUCTURE_READERS,
    matches: /\b(deploy|restart|scale|roll ?back|migrate|delete)\b/iu,
    isBrief: false,
    instructions: `${COMMON}\nList the steps in order, each with the way to undo it. Name what must be checked before the first step.`,
  },
  {
    name: 'infrastructure_status',
    type: 'infrastructure',
    priority: 80,
    cacheTtlSeconds: 300,
    outdates: [],
    matches: /\b(status|health|latency|cpu|disk|uptime|capacity)\b/iu,
    isBrief: true,
    instructions: `${COMMON}\nReport the state of each part in one line. Begin with the worst. Name the measurement behind each line.`,
  },
  {
    name: 'memory_recall',
    type: 'memory',
    priority: 70,
    cacheTtlSeconds: 300,
    outdates: [],
    matches: /\b(recall|find|search|look up|who|when|where)\b/iu,
    isBrief: false,
    instructions: `${COMMON}\nQuote the memory that answers the question and its date. When there is none, say so.`,
  },
  {
    name: 'general_answer',
    type: 'hybrid',
    priority: 0,
    cacheTtlSeconds: 600,
    outdates: [],
    matches: /[\p{L}\p{N}]/u,
    isBrief: false,
    instructions: `${COMMON}\nGive a short answer first. Then give the reasons in at most five sentences. Then name the next step.`,
  },
];

/** The pattern that takes the query, or null when it has not one letter or digit. */
export function matchPattern(query: string, patterns: readonly Pattern[] = PATTERNS): Pattern | null {
  return patterns.toSorted((a, b) => b.priority - a.priority).find(({ matches }) => matches.test(query)) ?? null;
}
