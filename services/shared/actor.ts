/** Who asks. */
export interface Actor {
  /** Of the API key; null when nobody had to say who they are. */
  readonly keyId: string | null;
  readonly name: string;
  /** The only workspace the actor may use; null for any. */
  readonly workspaceId: string | null;
  /** May make and revoke keys. */
  readonly admin: boolean;
}

export const ANYBODY: Actor = { keyId: null, name: 'anybody', workspaceId: null, admin: false };
