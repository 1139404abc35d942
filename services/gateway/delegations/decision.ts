export const TRIGGERS = ['explicit_request', 'multiple_domains', 'multiple_steps', 'analysis', 'high_stakes', 'large_scope'] as const;
export type Trigger = (typeof TRIGGERS)[number];
export const DOMAINS = ['data', 'research', 'quality', 'security', 'operations', 'knowledge', 'finance'] as const;
export type Domain = (typeof DOMAINS)[number];
export const COMPLEXITIES = ['simple', 'moderate', 'complex', 'strategic'] as const;
export type Complexity = (typeof COMPLEXITIES)[number];

export interface Decision {
  readonly should_delegate: boolean;
  /** From 0 to 1: how much speaks for asking several experts. */
  readonly confidence: number;
  readonly complexity_score: number;
  readonly complexity: Complexity;
  readonly triggers: readonly Trigger[];
  readonly domains: readonly Domain[];
  readonly reasoning: string;
}

const DOMAIN_WORDS: Readonly<Record<Domain, RegExp>> = {
  data: /\b(data|datasets?|records?|pipelines?|tables?|imports?|exports?)\b/iu,
  research: /\b(research|investigate|sources?|market|survey|literature)\b/iu,
  quality: /\b(review|quality|tests?|verify|validate|defects?)\b/iu,
  security: /\b(security|vulnerabilit(?:y|ies)|threats?|encryption|permissions?)\b/iu,
  operations: /\b(deploy|deployment|migrate|migration|rollout|infrastructure|incidents?|monitoring)\b/iu,
  knowledge: /\b(documents?|documentation|knowledge|history|lessons|archive)\b/iu,
  finance: /\b(budget|costs?|prices?|pricing|revenue|forecast)\b/iu,
};
const EXPLICIT = /\b(delegate|teams?|experts?|specialists?)\b/iu;
const STEP_WORDS = /\b(first|then|next|afterwards|finally|step \d+|phases?)\b|^[ \t]*(?:\d+[.)]|[-*])\s/gimu;
const ANALYSIS = /\b(analy[sz]e|analysis|compare|comparison|evaluate|assess|recommend|trade-?offs?)\b/iu;
const STAKES = /\b(production|critical|legal|compliance|customers?|irreversible|outage|regulators?)\b/iu;
const SCOPE = /\b(entire|whole|every|all|company-wide|end-to-end|strategy|strategic|roadmap)\b/iu;
const LONG_WORDS = 80;
const MIN_CONFIDENCE = 0.7;
const MIN_COMPLEXITY = 0.6;
const MIN_TRIGGERS = 2;

/** Whether a request is worth several experts. Depends on the text and on nothing else. */
export function decide(request: string): Decision {
  const words = request.split(/\s+/u).filter((word) => word !== '').length;
  const domains = DOMAINS.filter((domain) => DOMAIN_WORDS[domain].test(request));
  const triggers = triggersOf(request, words, domains.length);
  const complexity = complexityOf(triggers, domains.length);
  const confidence = confidenceOf(triggers, domains.length, words);
  const delegated = confidence > MIN_CONFIDENCE && (complexity > MIN_COMPLEXITY || triggers.length >= MIN_TRIGGERS);
  const level = levelOf(complexity);
  const found = triggers.length === 0 ? 'no trigger' : triggers.join(', ');
  return {
    should_delegate: delegated,
    confidence,
    complexity_score: complexity,
    complexity: level,
    triggers,
    domains,
    reasoning: `${found}; ${domains.length} domains; complexity ${complexity} (${level}), confidence ${confidence}: ${delegated ? 'several experts' : 'one answer'}`,
  };
}

function triggersOf(request: string, words: number, domains: number): readonly Trigger[] {
  const steps = request.match(STEP_WORDS)?.length ?? 0;
  const holds: Readonly<Record<Trigger, boolean>> = {
    explicit_request: EXPLICIT.test(request),
    multiple_domains: domains >= 2,
    multiple_steps: steps >= 2,
    analysis: ANALYSIS.test(request),
    high_stakes: STAKES.test(request),
    large_scope: SCOPE.test(request) || words >= LONG_WORDS,
  };
  return TRIGGERS.filter((trigger) => holds[trigger]);
}

const WEIGHTS: Readonly<Record<Trigger, number>> = {
  explicit_request: 0.05,
  multiple_domains: 0.15,
  multiple_steps: 0.2,
  analysis: 0.15,
  high_stakes: 0.15,
  large_scope: 0.15,
};

function complexityOf(triggers: readonly Trigger[], domains: number): number {
  const byTriggers = triggers.reduce((sum, trigger) => sum + WEIGHTS[trigger], 0);
  return rounded(byTriggers + Math.min(domains, 3) * 0.05);
}

/** Hardly anything can be said of a request of one or two words. */
function confidenceOf(triggers: readonly Trigger[], domains: number, words: number): number {
  const explicit = triggers.includes('explicit_request') ? 0.15 : 0;
  return rounded(Math.min(0.98, (words < 3 ? 0.2 : 0.5) + triggers.length * 0.12 + Math.min(domains, 3) * 0.03 + explicit));
}

function levelOf(score: number): Complexity {
  if (score < 0.25) return 'simple';
  if (score < 0.5) return 'moderate';
  return score < 0.8 ? 'complex' : 'strategic';
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
