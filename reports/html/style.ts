import { PALETTE, type ColorRole } from './palette.ts';

const ROLES = Object.keys(PALETTE) as ColorRole[];

function properties(theme: 'light' | 'dark'): string {
  return ROLES.map((role) => `--${role}:${PALETTE[role][theme]}`).join(';');
}

const THEMES = `
:root{color-scheme:light dark;${properties('light')}}
@media (prefers-color-scheme:dark){:root{${properties('dark')}}}
`;

/** Presentation attributes carry the light colours; these rules win over them wherever styles are allowed. */
const PAINT = ROLES.map(
  (role) => `.fill-${role}{fill:var(--${role})}.stroke-${role}{stroke:var(--${role})}.text-${role}{color:var(--${role})}`,
).join('');

const BASE = `
*{box-sizing:border-box}
html{font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;background:var(--paper);color:var(--ink);
-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{max-width:72rem;margin:0 auto;padding:2rem 1.5rem 4rem}
h1,h2,h3,.verdict{font-family:Charter,"Bitstream Charter","Iowan Old Style",Georgia,"Noto Serif","DejaVu Serif",serif;font-weight:600;line-height:1.2;text-wrap:balance}
h2{font-size:1.45rem;margin:3.25rem 0 .9rem;padding-top:.8rem;border-top:1px solid var(--rule)}
main>section:first-child h2{border-top:0;margin-top:1.2rem}
h3{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.5rem 0;max-width:44rem}
a{color:var(--link);text-underline-offset:.3em;text-decoration-thickness:1px}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
code,pre,.mono{font-family:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
code{overflow-wrap:anywhere}
.muted,caption,figcaption small{color:var(--muted)}
.nowrap{white-space:nowrap}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
ol,ul{padding-left:1.3rem}
li{margin:.2rem 0;max-width:46rem}
`;

const BANNER = `
.banner{display:grid;grid-template-columns:minmax(0,3fr) minmax(15rem,2fr);gap:1.5rem 2.5rem;border-top:6px solid var(--tone);padding:1.4rem 0 0}
.eyebrow{color:var(--muted);margin:0}.eyebrow strong{color:var(--ink)}
.verdict{display:flex;align-items:center;gap:.7rem;font-size:3rem;color:var(--tone);margin:.2rem 0 .6rem;letter-spacing:.01em}
.verdict svg{flex:none;width:2.6rem;height:2.6rem}
.rule{font-size:1.13rem;max-width:38rem;margin:.4rem 0}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem 1rem;margin:0;font-size:.92rem;align-content:start}
.facts dt{color:var(--muted)}
.facts dd{margin:0;overflow-wrap:anywhere}
.tone-met{--tone:var(--met)}.tone-marginal{--tone:var(--marginal)}.tone-violated{--tone:var(--violated)}.tone-unknown{--tone:var(--unknown)}
.partial{border:1px solid var(--unknown);color:var(--unknown);border-radius:4px;padding:.4rem .7rem;display:inline-block}
.tally{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0;margin:1rem 0 0}
.tally li{margin:0;display:flex;gap:.4rem;align-items:baseline}
.contents{margin:1.6rem 0 0;padding:.6rem 0;border-block:1px solid var(--rule);font-size:.92rem}
.contents ul{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;margin:0;padding:0}
.contents li{margin:0}
`;

const TABLES = `
.scroll{overflow-x:auto;margin:.6rem 0}
table{border-collapse:collapse;border:0;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums lining-nums}
caption{text-align:left;padding:0 0 .4rem;font-size:.88rem}
th,td{text-align:left;vertical-align:top;padding:.38rem .9rem .38rem 0;border:0;border-bottom:1px solid var(--rule)}
thead th{font-weight:600;font-size:.8rem;color:var(--muted);border-bottom:1px solid var(--muted);white-space:nowrap}
tbody th{font-weight:500}
td.num,th.num{text-align:right}
td small,th small{display:block;color:var(--muted);font-size:.86em;font-weight:400}
tbody th code{overflow-wrap:break-word}
.matrix th[scope=row]{min-width:17rem}
tbody tr:target,.check:target{background:var(--panel)}
.state{display:inline-flex;align-items:center;gap:.38rem;white-space:nowrap;font-weight:600}
.state svg{flex:none;width:.95em;height:.95em}
`;

const DETAILS = `
.check{border-bottom:1px solid var(--rule);padding:.15rem 0}
.check>summary{display:grid;grid-template-columns:9.4rem minmax(0,1fr) max-content;align-items:start;gap:.2rem 1rem;cursor:pointer;padding:.35rem 0;list-style:none}
.check>summary::-webkit-details-marker{display:none}
.check>summary .claim{font-family:Charter,"Bitstream Charter","Iowan Old Style",Georgia,"Noto Serif","DejaVu Serif",serif}
.check>summary code{display:block;color:var(--muted)}
.check .body{padding:0 0 .9rem 10.4rem}
.check .facts{grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));gap:.15rem 1.6rem;margin:.6rem 0}
.check .facts div{display:grid;grid-template-columns:5.4rem minmax(0,1fr);gap:.6rem}
.check .body ul{margin:.2rem 0 .6rem}
.check>summary:hover .claim{text-decoration:underline;text-decoration-color:var(--rule);text-underline-offset:.3em}
.note{border-left:3px solid var(--tone,var(--rule));padding:.1rem 0 .1rem .8rem;margin:.5rem 0}
.command{background:var(--panel);border-radius:4px;padding:.4rem .65rem;margin:.4rem 0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
figure{margin:1.2rem 0;overflow-x:auto}
figcaption{font-weight:600;font-size:.95rem;margin-bottom:.3rem}
figcaption small{font-weight:400;margin-left:.5rem}
figure svg{display:block;width:100%;min-width:40rem;height:auto}
figure text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
figure details,.log{font-size:.9rem}
summary{cursor:pointer}
figure summary,.log summary{color:var(--muted)}
.log pre{background:var(--panel);border-radius:4px;margin:.4rem 0;padding:.5rem 0;max-height:28rem;overflow:auto;line-height:1.45}
.log .line{display:block;padding:0 .8rem;white-space:pre-wrap;overflow-wrap:anywhere}
.log .line:target{background:var(--band)}
.log .line a{color:var(--muted);text-decoration:none;display:inline-block;min-width:2.4rem}
footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--rule);font-size:.88rem;color:var(--muted)}
`;

const NARROW = `
@media (max-width:46rem){
body{padding:1.2rem 1rem 3rem}
.banner{grid-template-columns:minmax(0,1fr)}
.verdict{font-size:2.3rem}
.check>summary{grid-template-columns:minmax(0,1fr) max-content}
.check>summary .claim{grid-column:1/-1;grid-row:2}
.check .body{padding-left:0}
.check .facts{grid-template-columns:minmax(0,1fr)}
.matrix thead{display:none}
.matrix caption,.matrix,.matrix tbody,.matrix tr,.matrix th,.matrix td{display:block;border:0;padding:0}
.matrix tr{border-bottom:1px solid var(--rule);padding:.6rem 0}
.matrix th[scope=row]{min-width:0}
.matrix td[data-label]::before{content:attr(data-label) " ";color:var(--muted)}
.matrix td,.matrix td[data-label]{display:inline-block;margin-right:1.1rem}
.matrix td small,.matrix th small{display:inline;margin-left:.3rem}
.matrix th small{display:block;margin:0}
}
`;

const PRINT = `
@media print{
:root{color-scheme:light;${properties('light')}}
@page{size:A4;margin:16mm 14mm}
html{font-size:9pt;background:#fff}
.matrix{font-size:.82rem}.matrix th[scope=row]{min-width:15rem}.matrix th,.matrix td{padding-right:.5rem}
body{max-width:none;padding:0}
.contents,.logs,.skip{display:none}
h2,h3{break-after:avoid}
tr,figure,.check,.note{break-inside:avoid}
thead{display:table-header-group}
.check::details-content{content-visibility:visible;display:block;block-size:auto}
.scroll{overflow:visible}
figure svg{min-width:0}
a{color:inherit;text-decoration:none}
}
`;

/** The page's only style sheet; its digest is in the page's own content security policy. */
export const STYLE = [THEMES, BASE, BANNER, TABLES, DETAILS, PAINT, NARROW, PRINT].join('').replace(/\n+/gu, '\n').trim();
