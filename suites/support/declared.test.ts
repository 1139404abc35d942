import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DECLARED, SUITES } from './declared.ts';

const SUITES_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** The ids that stand in the files of the suites, in the order in which they run: suites as listed, files by name, checks from top to bottom. */
async function idsInOrder(): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const suite of SUITES) {
    const files = (await readdir(`${SUITES_FOLDER}/${suite}`)).filter((file) => file.endsWith('.test.ts'));
    for (const file of files.toSorted((a, b) => a.localeCompare(b)))
      texts.push(await readFile(`${SUITES_FOLDER}/${suite}/${file}`, 'utf8'));
  }
  return texts.flatMap((text) => [...text.matchAll(/check\(\s*'(?<id>[^']+)'/gu)].map(({ groups }) => groups?.['id'] ?? ''));
}

describe('the declared checks', () => {
  it('have one row each, and rest on rows that are there', () => {
    const ids = DECLARED.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(DECLARED.flatMap(({ dependsOn }) => dependsOn).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('rest on what has run before them: what is told later blocks nobody', async () => {
    const order = await idsInOrder();
    expect(order.length).toBeGreaterThan(50);
    const later = DECLARED.flatMap(({ id, dependsOn }) =>
      order.includes(id) ? dependsOn.filter((other) => order.indexOf(other) > order.indexOf(id)).map((other) => `${id} on ${other}`) : [],
    );
    expect(later).toEqual([]);
  });
});
