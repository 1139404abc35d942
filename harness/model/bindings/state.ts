/** What is written by several at once: contexts with versions, documents, limits, idempotency keys. */
export interface StateBindings {}
