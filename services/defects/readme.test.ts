import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { DEFECTS } from './index.ts';

it('is in the README, row by row', async () => {
  const text = await readFile(new URL('./README.md', import.meta.url), 'utf8');
  const rows = Object.entries(DEFECTS).map(([name, { what, violates }]) => `| \`${name}\` | ${what} | ${violates} |`);
  const table = ['| defect | what it does | must turn VIOLATED |', '|---|---|---|', ...rows].join('\n');
  expect(text).toContain(`<!-- defects -->\n${table}\n<!-- /defects -->`);
});
