import { describe, expect, it } from 'vitest';
import { MusterError } from './errors.ts';
import { fillEnv, fillHeader, fillJson, fillPath, fillText, placeholdersIn } from './template.ts';

function errorOf(action: () => unknown): MusterError {
  try {
    action();
  } catch (error) {
    if (error instanceof MusterError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('JSON templates', () => {
  it('keep the type of a variable that stands alone', () => {
    const template = { count: '${count}', list: ['${flag}', '${none}'], nested: { object: '${object}' }, fixed: 7 };
    expect(fillJson(template, { count: 3, flag: false, none: null, object: { a: [1] } })).toEqual({
      count: 3,
      list: [false, null],
      nested: { object: { a: [1] } },
      fixed: 7,
    });
  });

  it('make text of a variable within text', () => {
    expect(fillJson({ q: 'n=${count}, ${flag}' }, { count: 3, flag: true })).toEqual({ q: 'n=3, true' });
  });

  it('do not fill what a variable brings in', () => {
    expect(fillJson({ q: 'x ${a}', p: '${a}' }, { a: '${b}', b: 'secret' })).toEqual({ q: 'x ${b}', p: '${b}' });
  });

  it('keep a key called __proto__ as data', () => {
    const template = JSON.parse('{"__proto__":{"polluted":"${a}"}}') as Readonly<Record<string, string>>;
    const filled = fillJson(template, { a: '1' });
    expect(JSON.stringify(filled)).toBe('{"__proto__":{"polluted":"1"}}');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('texts', () => {
  it('escape a placeholder by a second dollar sign', () => {
    expect(fillText('$${a} ${a}', { a: 1 })).toBe('${a} 1');
    expect(placeholdersIn('$${a} ${b}')).toEqual(['b']);
  });

  it('percent-encode variables in paths, lone surrogates included', () => {
    expect(fillPath('/x/${id}?q=${q}', { id: 'a/../b', q: 'ü &=\ud800' })).toBe('/x/a%2F..%2Fb?q=%C3%BC%20%26%3D%EF%BF%BD');
  });

  it('percent-encode what a header cannot carry', () => {
    expect(fillHeader('Bearer ${t}', { t: 'a\r\nEvil: 1 ü' })).toBe('Bearer a%0D%0AEvil: 1 %C3%BC');
  });

  it('name the unknown variable, the template and the known ones', () => {
    const error = errorOf(() => fillText('/x/${idd}', { id: 1, op: 2 }));
    expect(error.message).toBe('"/x/${idd}" uses the variable "idd", which has no value here.');
    expect(error.hint).toBe('Use one of: id, op; write $${idd} for the text itself.');
    expect([error.code, error.blame]).toEqual(['MUSTER_UNKNOWN_VARIABLE', 'config']);
  });

  it('refuse inherited names and lists within text', () => {
    expect(errorOf(() => fillText('${toString}', {})).code).toBe('MUSTER_UNKNOWN_VARIABLE');
    expect(errorOf(() => fillText('a ${l}', { l: [1] })).message).toContain('list or an object');
  });
});

describe('environment placeholders', () => {
  it('take the value, else the default, and leave other placeholders alone', () => {
    const env = { A: 'one', EMPTY: '' };
    expect(fillEnv('${env.A} ${env.B:-two} ${env.EMPTY:-x:-y} ${id} $${env.A}', env)).toEqual({
      text: 'one two x:-y ${id} $${env.A}',
      missing: [],
      used: ['A'],
    });
  });

  it('report what is missing and leave it', () => {
    expect(fillEnv('${env.NOPE} ${env.toString}', {})).toEqual({
      text: '${env.NOPE} ${env.toString}',
      missing: ['NOPE', 'toString'],
      used: [],
    });
  });
});
