import { expect, it } from 'vitest';
import { expose } from './exposition.ts';
import { counter, gauge, histogram } from './instruments.ts';
import { p95 } from './pool-meter.ts';

it('writes counters and histograms as Prometheus reads them', async () => {
  const answers = counter({ name: 'answers_total', help: 'Answers.' });
  answers.add({ route: '/a/{id}', status: '200' });
  answers.add({ route: '/a/{id}', status: '200' });
  answers.add({ route: 'a "b"\n\\', status: '500' });
  const waits = histogram({ name: 'waits_seconds', help: 'Waits.' }, [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 3]) waits.observe({}, value);
  expect(await expose([answers, waits])).toBe(`# HELP answers_total Answers.
# TYPE answers_total counter
answers_total{route="/a/{id}",status="200"} 2
answers_total{route="a \\"b\\"\\n\\\\",status="500"} 1
# HELP waits_seconds Waits.
# TYPE waits_seconds histogram
waits_seconds_bucket{le="0.1"} 2
waits_seconds_bucket{le="1"} 3
waits_seconds_bucket{le="+Inf"} 4
waits_seconds_sum 3.65
waits_seconds_count 4
`);
});

it('leaves out what is not known', async () => {
  expect(await expose([gauge({ name: 'lag', help: 'Lag.' }, () => null)])).toBe('# HELP lag Lag.\n# TYPE lag gauge\n');
  expect(await expose([gauge({ name: 'lag', help: 'Lag.' }, () => Promise.resolve(0))])).toContain('lag 0\n');
});

it('takes the 95th of a hundred', () => {
  expect(p95([])).toBe(null);
  expect(p95(Array.from({ length: 100 }, (_, index) => 100 - index))).toBe(95);
});
