import { defineConfig } from 'muster/config';

/** The reference assessment: Muster's own agent services, with the default thresholds. */
export default defineConfig({
  target: './targets/reference.yaml',
});
