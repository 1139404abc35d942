import { betaQuantile } from './beta.ts';

/** Quantile of Student's t with `degrees` > 0 degrees of freedom, from t² / (degrees + t²) ~ Beta(1/2, degrees/2). */
export function tQuantile(p: number, degrees: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -tQuantile(1 - p, degrees);
  const share = betaQuantile(2 * p - 1, 0.5, degrees / 2);
  // Near 1 the share has lost its digits; its complement still has them.
  const rest = share < 0.5 ? 1 - share : betaQuantile(2 * (1 - p), degrees / 2, 0.5);
  return Math.sqrt((degrees * (share < 0.5 ? share : 1 - rest)) / rest);
}
