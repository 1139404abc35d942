/** Compares dotted versions number by number: negative when `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether `version` satisfies `>=15`, `>7.0`, `<8`, `<=7.2`, `==17` or a bare version (meaning at least). */
export function satisfies(version: string, range: string): boolean {
  const match = /^\s*(>=|<=|==|>|<)?\s*(\d+(?:\.\d+)*)\s*$/u.exec(range);
  if (match === null) return false;
  const [, operator = '>=', bound = ''] = match;
  const order = compareVersions(version, bound);
  return { '>=': order >= 0, '<=': order <= 0, '==': order === 0, '>': order > 0, '<': order < 0 }[operator] ?? false;
}

function numbers(version: string): number[] {
  return (/\d+(?:\.\d+)*/u.exec(version)?.[0] ?? '').split('.').map(Number);
}
