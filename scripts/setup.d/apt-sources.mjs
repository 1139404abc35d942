/**
 * Prints, in deb822 form, which of the system's configured package sources a private apt root should use. No host is
 * written here: the mirror is the one the system is configured with. Plain JavaScript: it runs before anything is installed.
 *
 *   node apt-sources.mjs <etc/apt> <codename>              the release's own archives (release, -updates, -security)
 *   node apt-sources.mjs <etc/apt> <codename> <newer>      the source packages of release <newer>, from the same mirror
 *   node apt-sources.mjs <etc/apt> <codename> <newer> deb  its packages
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const OPTION_FIELDS = {
  arch: 'Architectures',
  'signed-by': 'Signed-By',
  trusted: 'Trusted',
  'check-valid-until': 'Check-Valid-Until',
};

/** One-line form: `deb [signed-by=/k arch=amd64] http://host/debian bookworm main contrib`. */
function parseOneLine(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (match === null) return [];
    const [, options = '', uri, suite, components] = match;
    const stanza = { Types: 'deb', URIs: uri, Suites: suite, Components: components.trim() };
    for (const option of options.split(/\s+/).filter(Boolean)) {
      const [key, value = ''] = option.split('=');
      const field = OPTION_FIELDS[key.replace(/[+-]$/, '')];
      if (field !== undefined) stanza[field] = value.replaceAll(',', ' ');
    }
    return [stanza];
  });
}

/** deb822 form; a field may go on over indented lines (an embedded key does) and is kept as it stands. */
function parseDeb822(text) {
  return text.split(/\n[ \t]*\n/).flatMap((block) => {
    const stanza = {};
    let field;
    for (const line of block.split('\n')) {
      if (line.startsWith('#') || line.trim() === '') continue;
      const match = /^([A-Za-z-]+):[ \t]*(.*)$/.exec(line);
      if (match !== null) {
        field = match[1];
        stanza[field] = match[2];
      } else if (field !== undefined) stanza[field] += `\n${line}`;
    }
    const off = /^(no|false|without|off|disable)$/i.test(stanza.Enabled ?? 'yes');
    return stanza.Suites === undefined || off || !words(stanza.Types).includes('deb') ? [] : [stanza];
  });
}

const words = (text = '') => text.split(/\s+/).filter(Boolean);

function configured(etcApt) {
  const parts = join(etcApt, 'sources.list.d');
  const files = existsSync(parts)
    ? readdirSync(parts)
        .toSorted()
        .map((name) => join(parts, name))
    : [];
  const lists = [join(etcApt, 'sources.list'), ...files.filter((name) => name.endsWith('.list'))].filter((name) => existsSync(name));
  return [
    ...lists.flatMap((name) => parseOneLine(readFileSync(name, 'utf8'))),
    ...files.filter((name) => name.endsWith('.sources')).flatMap((name) => parseDeb822(readFileSync(name, 'utf8'))),
  ];
}

/** The stanzas to use: the suites of the release alone, or the newer release on the mirrors that carry this one. */
function selected(stanzas, codename, newer, types = 'deb-src') {
  const suites = newer === undefined ? [codename, `${codename}-updates`, `${codename}-security`] : [codename];
  return stanzas.flatMap((stanza) => {
    const mine = words(stanza.Suites).filter((suite) => suites.includes(suite));
    if (mine.length === 0) return [];
    if (newer === undefined) return [{ ...stanza, Types: 'deb', Suites: mine.join(' ') }];
    const { Architectures: _none, ...source } = stanza;
    return [{ ...(types === 'deb' ? stanza : source), Types: types, Suites: newer }];
  });
}

const [etcApt, codename, newer, types] = process.argv.slice(2);
const print = (stanza) =>
  Object.entries(stanza)
    .map(([field, value]) => `${field}:${value.startsWith('\n') ? '' : ' '}${value}\n`)
    .join('');
const seen = new Set(selected(configured(etcApt), codename, newer, types).map(print));
process.stdout.write([...seen].join('\n'));
