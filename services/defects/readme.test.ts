import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { DEFECTS } from './index.ts';

it('is in the README, row by row', async () => {
  const text = await readFile(new URL('./README.md', import.meta.url), 'utf8');
  const rows = Object.entries(DEFECTS).map(([name, { what, violates }]) => `| \`${name}\` | ${what} | ${violates} |`);
  const table = ['| defect | what it does | must turn VIOLATED |', '|---|---|---|', ...rows].join('\n');
  expect(text).toContain(`<!-- defects -->\n${table}\n<!-- /defects -->`);
});

it('names in the README what no run of the profile quick shows', async () => {
  const text = await readFile(new URL('./README.md', import.meta.url), 'utf8');
  const rows = Object.entries(DEFECTS).flatMap(([name, { profile }]) => (profile === undefined ? [] : [`- \`${name}\`: ${profile}`]));
  expect(text.match(/^- .*$/gmu)).toEqual(rows);
});
