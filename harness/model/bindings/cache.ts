/** Answers that are kept. */
export interface CacheBindings {}
