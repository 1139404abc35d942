import pc from 'picocolors';

/** What stands before each line of a service: nothing for one service, its name in a colour of its own for several. */
export function prefixes(names: readonly string[], color: boolean): (service: string) => string {
  if (names.length === 1) return () => '';
  const { cyan, yellow, green, magenta, blue, red } = pc.createColors(color);
  const colors = [cyan, yellow, green, magenta, blue, red];
  const width = Math.max(...names.map(({ length }) => length));
  const made = new Map(names.map((name, index) => [name, `${(colors[index % colors.length] ?? cyan)(`${name.padEnd(width)} |`)} `]));
  return (service) => made.get(service) ?? '';
}
