/** Lists and searches: what they cost the database. */
export interface ListsBindings {}
