import { expect, it } from 'vitest';
import { AS_IS } from '../gateway/seams.ts';
import { SettingError } from '../shared/env.ts';
import { DEFECTS, plantDefects } from './index.ts';

it('replaces the parts of the named defects and leaves the others as they are', async () => {
  const seams = await plantDefects(['tail_delay', 'ws_crosstalk'], '127.0.0.1');
  const replaced = Object.entries(seams).filter(([name, part]) => part !== AS_IS[name as keyof typeof AS_IS]);
  expect(replaced.map(([name]) => name).toSorted()).toEqual(['executor', 'replies']);
});

it('refuses a name that is not in the catalogue', async () => {
  await expect(plantDefects(['nonsense'], '127.0.0.1')).rejects.toThrow(SettingError);
  await expect(plantDefects(['constructor'], '127.0.0.1')).rejects.toThrow('MUSTER_DEFECTS names "constructor"');
});

it('plants nothing where others can reach it', async () => {
  await expect(plantDefects(['tail_delay'], '0.0.0.0')).rejects.toThrow('loopback only');
});

it.each(Object.entries(DEFECTS))('%s loads, and the criterion it violates is none that must stay met', async (_, defect) => {
  expect(Object.keys((await defect.load?.()) ?? { elsewhere: true })).toHaveLength(1);
  expect(defect.mustStayMet).not.toContain(defect.violates);
});
