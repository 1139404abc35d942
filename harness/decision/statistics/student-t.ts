import { betaQuantile } from './beta.ts';

/** Quantile of Student's t with `degrees` > 0 degrees of freedom: degrees / (degrees + t²) ~ Beta(degrees/2, 1/2). */
export function tQuantile(p: number, degrees: number): number {
  if (p < 0.5) return -tQuantile(1 - p, degrees);
  const rest = betaQuantile(2 * (1 - p), degrees / 2, 0.5);
  return Math.sqrt((degrees * (1 - rest)) / rest);
}
