/** What takes a connection of the pool. */
export interface PoolBindings {}
