/** The document of the interface itself. */
export interface ApiBindings {}
