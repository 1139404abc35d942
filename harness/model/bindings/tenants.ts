/** What belongs to one tenant. */
export interface TenantsBindings {}
