import type { SuiteRun } from '../../harness/index.ts';

type HttpTemplate = NonNullable<SuiteRun['spec']['bindings']['execute']>['http'];
type Body = HttpTemplate['body'];

export interface BadRequest {
  readonly name: string;
  readonly body: Body;
}

/**
 * Bodies that no correct server accepts, made from a template it does accept: every field missing, of the wrong
 * type, or far too long, and bodies that are not an object at all. Optional fields may be missing, so a missing
 * field is only counted as accepted wrongly when it carried a variable.
 */
export function badBodies(template: Body): readonly BadRequest[] {
  const shapes: BadRequest[] = [
    { name: 'an empty object', body: {} },
    { name: 'an array', body: [] },
    { name: 'a string', body: 'not an object' },
    { name: 'null', body: null },
  ];
  if (typeof template !== 'object' || template === null || Array.isArray(template)) return shapes;
  const fields = Object.entries(template as Readonly<Record<string, Body>>);
  const required = fields.filter(([, value]) => typeof value === 'string' && value.includes('${text}'));
  for (const [field] of required) {
    shapes.push(
      { name: `${field} missing`, body: without(template as Record<string, Body>, field) },
      { name: `${field} null`, body: { ...(template as Record<string, Body>), [field]: null } },
      { name: `${field} a number`, body: { ...(template as Record<string, Body>), [field]: 42 } },
      { name: `${field} an object`, body: { ...(template as Record<string, Body>), [field]: { nested: true } } },
      { name: `${field} an array`, body: { ...(template as Record<string, Body>), [field]: ['a'] } },
      { name: `${field} empty`, body: { ...(template as Record<string, Body>), [field]: '' } },
      { name: `${field} of a million characters`, body: { ...(template as Record<string, Body>), [field]: 'x'.repeat(1_000_000) } },
    );
  }
  return shapes;
}

function without(body: Record<string, Body>, field: string): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));
}
