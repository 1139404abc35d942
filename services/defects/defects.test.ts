import { expect, it } from 'vitest';
import { AS_IS } from '../gateway/seams.ts';
import { SettingError } from '../shared/env.ts';
import { METER_AS_IS } from '../meter/seams.ts';
import { WORKER_AS_IS } from '../worker/seams.ts';
import { DEFECTS, plantDefects, plantMeterDefects, plantWorkerDefects } from './index.ts';

it('replaces the parts of the named defects and leaves the others as they are', async () => {
  const seams = await plantDefects(['tail_delay', 'ws_crosstalk'], '127.0.0.1');
  const replaced = Object.entries(seams).filter(([name, part]) => part !== AS_IS[name as keyof typeof AS_IS]);
  expect(replaced.map(([name]) => name).toSorted()).toEqual(['executor', 'replies']);
});

it('refuses a name that is not in the catalogue', async () => {
  await expect(plantDefects(['nonsense'], '127.0.0.1')).rejects.toThrow(SettingError);
  await expect(plantDefects(['constructor'], '127.0.0.1')).rejects.toThrow('MUSTER_DEFECTS names "constructor"');
});

it('refuses two that replace the same part, and takes one that is named twice', async () => {
  await expect(plantDefects(['ws_crosstalk', 'ws_reply_misrouted'], '127.0.0.1')).rejects.toThrow('both replace "replies"');
  await expect(plantDefects(['tail_delay', 'tail_delay'], '127.0.0.1')).resolves.not.toEqual(AS_IS);
});

it('knows the defects of other processes and plants nothing for them', async () => {
  expect(await plantWorkerDefects(['tail_delay'], '127.0.0.1')).toEqual(WORKER_AS_IS);
  expect(await plantMeterDefects(['tail_delay'], '127.0.0.1')).toEqual(METER_AS_IS);
  expect(await plantDefects(['meter_down'], '127.0.0.1')).toEqual(AS_IS);
  await expect(plantWorkerDefects(['nonsense'], '127.0.0.1')).rejects.toThrow('MUSTER_DEFECTS names "nonsense"');
});

it('plants nothing where others can reach it', async () => {
  await expect(plantDefects(['tail_delay'], '0.0.0.0')).rejects.toThrow('loopback only');
});

it.each(Object.entries(DEFECTS))('%s loads, and the criterion it violates is none that must stay met', async (_, defect) => {
  const parts = { ...(await defect.load?.()), ...(await defect.loadWorker?.()), ...(await defect.loadMeter?.()) };
  expect(Object.keys(parts)).toHaveLength(1);
  expect(defect.mustStayMet).not.toContain(defect.violates);
});

const groups = [...new Set(Object.values(DEFECTS).flatMap(({ together }) => together ?? []))];

it.each(groups)('%s: none that is planted with others violates what must stay met beside another', (group) => {
  const members = Object.entries(DEFECTS).filter(([, { together }]) => together === group);
  const violated = members.map(([, { violates }]) => violates);
  const clashes = members.flatMap(([name, { mustStayMet }]) =>
    mustStayMet.filter((id) => violated.includes(id)).map((id) => ({ name, id })),
  );
  expect(clashes).toEqual([]);
  expect(new Set(violated).size).toBe(members.length);
});

it.each(groups)('%s: its members can be planted together', async (group) => {
  const names = Object.entries(DEFECTS).flatMap(([name, { together }]) => (together === group ? [name] : []));
  expect(names.length).toBeGreaterThan(1);
  await expect(plantDefects(names, '127.0.0.1')).resolves.not.toEqual(AS_IS);
});
