const PASSWORD = /(:\/\/[^\s:/@]*:)[^\s@]*@/u;

/**
 * An address as it is printed. A password that was made for this stack is shown, it is good for nothing else; one that the configuration
 * or the caller's environment holds (`secrets`) may open more than this stack.
 */
export function shownAddress(address: string, secrets: ReadonlySet<string>): string {
  const { password } = new URL(address);
  const isSecret = secrets.has(password) || secrets.has(decodeURIComponent(password));
  return isSecret ? address.replace(PASSWORD, '$1[redacted]@') : address;
}
