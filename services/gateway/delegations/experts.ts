import type { Decision, Domain } from './decision.ts';

export interface Definition {
  readonly slug: string;
  readonly title: string;
  readonly capabilities: readonly string[];
}

/** One who is asked, for what, and what is expected of him. */
export interface Expert {
  readonly expert: string;
  readonly title: string;
  readonly expertise: readonly string[];
  readonly deliverables: readonly string[];
}

const MAX_EXPERTS = 6;
/** Leads every delegation. */
const LEAD = 'operator';

const CAPABILITIES: Readonly<Record<Domain, readonly string[]>> = {
  data: ['summarise', 'compare'],
  research: ['search', 'collect'],
  quality: ['review'],
  security: ['review'],
  operations: ['operate'],
  knowledge: ['remember', 'recall'],
  finance: ['summarise', 'compare'],
};

const DELIVERABLES: Readonly<Record<string, string>> = {
  answer: 'a short answer',
  summarise: 'the figures in one paragraph',
  compare: 'a comparison of the choices',
  search: 'what is known, with its source',
  collect: 'the sources',
  review: 'objections and risks',
  operate: 'the steps in order, each with the way back',
  remember: 'what is worth keeping',
  recall: 'what was decided before',
};

/** The lead and whoever can do what the domains want, six at most; for a request that is not delegated, one who answers. */
export function chooseExperts(definitions: readonly Definition[], decision: Decision): readonly Expert[] {
  const wanted = new Set(decision.should_delegate ? wantedBy(decision) : ['answer']);
  const able = definitions
    .map(({ slug, title, capabilities }) => ({ slug, title, useful: capabilities.filter((capability) => wanted.has(capability)) }))
    .filter(({ useful }) => useful.length > 0)
    .toSorted(
      (a, b) => Number(b.slug === LEAD) - Number(a.slug === LEAD) || b.useful.length - a.useful.length || a.slug.localeCompare(b.slug),
    );
  return able.slice(0, MAX_EXPERTS).map(({ slug, title, useful }) => ({
    expert: slug,
    title,
    expertise: useful,
    deliverables: useful.map((capability) => DELIVERABLES[capability] ?? capability),
  }));
}

function wantedBy({ domains, triggers }: Decision): readonly string[] {
  const byDomain = domains.flatMap((domain) => CAPABILITIES[domain]);
  const byTrigger = [...(triggers.includes('analysis') ? ['compare'] : []), ...(triggers.includes('high_stakes') ? ['review'] : [])];
  return ['operate', 'answer', ...byDomain, ...byTrigger];
}

export function promptFor(request: string, { title, expertise, deliverables }: Expert): string {
  return `You are an expert: ${title}. Your part: ${expertise.join(', ')}.\nDeliver ${deliverables.join('; ')}.\nRequest:\n${request}`;
}

const PART_LENGTH = 500;

/** Asks for one answer from those of the experts. */
export function synthesisPrompt(request: string, parts: readonly { readonly expert: string; readonly answer: string | null }[]): string {
  const said = parts.map(({ expert, answer }) => `${expert}: ${(answer ?? '').slice(0, PART_LENGTH)}`);
  return `Put the experts' answers together. Name where they differ.\nRequest:\n${request}\n${said.join('\n')}`;
}
