import { describe, expect, it } from 'vitest';
import { anchor, escapeHtml, html, NOTHING } from './markup.ts';

describe('html', () => {
  it('escapes what is interpolated, in text and in attributes', () => {
    const hostile = `"><script>alert('1')</script>&\``;
    expect(html`<p title="${hostile}">${hostile}</p>`.toString()).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&#96;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&#96;</p>',
    );
  });

  it('keeps its own markup, joins lists and leaves out null', () => {
    expect(html`<ul>${[1, 'a&b'].map((item) => html`<li>${item}</li>`)}${null}${NOTHING}</ul>`.toString()).toBe(
      '<ul><li>1</li><li>a&amp;b</li></ul>',
    );
  });

  it('strips control and bidirectional characters', () => {
    expect(escapeHtml('a\u0000\u202eb\u001b[31mc')).toBe('abc');
  });
});

describe('anchor', () => {
  it('makes fragments that need no escaping and stay different', () => {
    expect(anchor('c', 'recovery.postgres_stop.lost_writes')).toBe('c-recovery.postgres_stop.lost_writes');
    expect(anchor('c', 'a b"<')).toMatch(/^c-[\w.-]+$/u);
    expect(anchor('c', 'a b')).not.toBe(anchor('c', 'a-b'));
  });
});
