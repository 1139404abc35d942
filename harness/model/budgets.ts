/** Classes of responses that users have their own patience for; each has a criterion `benchmark.class.<name>`. */
export const RESPONSE_CLASSES = ['health', 'delegation', 'simple', 'medium', 'complex'] as const;
export type ResponseClass = (typeof RESPONSE_CLASSES)[number];

/** Stages and kinds of an execution that have a time budget of their own; each has a criterion `benchmark.stage.<name>`. */
export const STAGES = ['match', 'infrastructure', 'memory', 'hybrid'] as const;
export type Stage = (typeof STAGES)[number];
