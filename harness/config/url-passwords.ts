/**
 * Passwords within an address, as written and decoded. One that is the user's name or a store's (`postgres:postgres@`) hides nothing,
 * and removing it everywhere would make a report unreadable; within an address even that is hidden.
 */
export function passwordsIn(text: string): readonly string[] {
  const [, user = '', password = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^\s:/@]*):([^\s@]*)@/i.exec(text) ?? [];
  if (password === '' || password.includes('${') || ['postgres', 'redis', user].includes(password)) return [];
  return [...new Set([password, decoded(password)])];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not encoded then
  }
}
