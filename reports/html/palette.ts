/** Colours by role, light and dark; `palette.test.ts` computes the contrast of every pair used. */
export const PALETTE = {
  paper: { light: '#fcfcfa', dark: '#141618' },
  panel: { light: '#f3f3ee', dark: '#1d2023' },
  ink: { light: '#1c1e20', dark: '#e8e8e3' },
  muted: { light: '#5a5f64', dark: '#a3a8ad' },
  rule: { light: '#d9d9d1', dark: '#34383c' },
  link: { light: '#1f4f86', dark: '#93bdf0' },
  met: { light: '#1b6b41', dark: '#74cf9d' },
  marginal: { light: '#855700', dark: '#e3b65f' },
  violated: { light: '#b0281f', dark: '#ff9287' },
  unknown: { light: '#5b4a9e', dark: '#b9adf3' },
  neutral: { light: '#5a5f64', dark: '#a3a8ad' },
  lineA: { light: '#1f5f9e', dark: '#7fb5ee' },
  lineB: { light: '#a8480f', dark: '#f0a470' },
  lineC: { light: '#43702a', dark: '#a2cf84' },
  lineD: { light: '#84357c', dark: '#df9ed7' },
  fault: { light: '#f3d9d2', dark: '#4a2723' },
  band: { light: '#cfdbe8', dark: '#2c3d50' },
} as const satisfies Record<string, { readonly light: string; readonly dark: string }>;

export type ColorRole = keyof typeof PALETTE;

export const LINE_ROLES = ['lineA', 'lineB', 'lineC', 'lineD'] as const satisfies readonly ColorRole[];

/** The value a presentation attribute gets: pages whose styles are blocked are shown on white. */
export function light(role: ColorRole): string {
  return PALETTE[role].light;
}

/** WCAG 2.2 contrast ratio of two `#rrggbb` colours. */
export function contrast(a: string, b: string): number {
  const [brighter = 0, darker = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (brighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
