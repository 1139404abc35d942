import { describe, expect, it } from 'vitest';
import { contrast, PALETTE, type ColorRole } from './palette.ts';

/** WCAG AA: 4.5 for text, 3 for the parts of a drawing that carry meaning. */
const TEXT: readonly (readonly [ColorRole, ColorRole])[] = [
  ...(['ink', 'muted', 'link', 'met', 'marginal', 'violated', 'unknown', 'neutral', 'lineA'] as const).flatMap((role) => [
    [role, 'paper'] as const,
    [role, 'panel'] as const,
  ]),
  ['ink', 'fault'],
  ['ink', 'band'],
  ['muted', 'band'],
];
const DRAWING: readonly (readonly [ColorRole, ColorRole])[] = (
  ['lineA', 'lineB', 'lineC', 'lineD', 'violated', 'unknown', 'muted'] as const
).flatMap((role) => [[role, 'paper'] as const, [role, 'fault'] as const]);

describe.each(['light', 'dark'] as const)('the %s palette', (theme) => {
  it.each(TEXT)('shows text in %s on %s with a contrast of at least 4.5', (front, back) => {
    expect(contrast(PALETTE[front][theme], PALETTE[back][theme])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(DRAWING)('draws %s on %s with a contrast of at least 3', (front, back) => {
    expect(contrast(PALETTE[front][theme], PALETTE[back][theme])).toBeGreaterThanOrEqual(3);
  });
});

describe('contrast', () => {
  it('is 21 for black on white, 1 for equal colours, and known for grey (WCAG example #767676)', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 6);
    expect(contrast('#123456', '#123456')).toBe(1);
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
  });
});
