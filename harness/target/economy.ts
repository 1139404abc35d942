import { MissingBinding } from './missing-binding.ts';
import type { Sample } from '../model/economy.ts';
import type { Bindings, HttpTemplate, JsonTemplate } from '../model/target.ts';
import type { Variables } from '../model/template.ts';
import { type Execution, readExecution } from './execute.ts';
import { scalarText, textIn } from './extract.ts';
import type { RequestOptions } from './http-client.ts';
import type { Send } from './operation.ts';

/** An execution of which the answer may say what type of work it was. */
export interface TypedExecution extends Execution {
  /** null: not bound, or not in the answer. */
  readonly type: string | null;
}

type Ask = (variables: Variables, options?: RequestOptions) => Promise<TypedExecution>;

/** One kind of work, as it is served and with every optimisation off. */
export interface Work {
  readonly served: Ask;
  /** @throws MissingBinding when `economy.baseline` is not bound. */
  readonly baseline: Ask;
}

/** The requests of a sample; null: those of `execute` as they are. @throws MissingBinding without `execute`. */
export function workOf({ execute, economy }: Bindings, sample: Sample | null, send: (variables: Variables) => [Send, Variables]): Work {
  if (execute === undefined) throw new MissingBinding('execute');
  const asker =
    (template: HttpTemplate): Ask =>
    async (given, options) => {
      const [by, variables] = send(given);
      const answer = await by(template, variables, options);
      return { ...readExecution(execute, answer, scalarText(variables['text'])), type: textIn(economy?.type, answer.json) };
    };
  const baseline = economy?.baseline;
  return {
    served: asker(withFields(execute.http, sample)),
    baseline:
      baseline === undefined
        ? async () => {
            throw new MissingBinding('economy');
          }
        : asker(withFields(baseline, sample)),
  };
}

function withFields(template: HttpTemplate, sample: Sample | null): HttpTemplate {
  if (sample === null || Object.keys(sample.body).length === 0) return template;
  return { ...template, body: { ...fieldsOf(template.body), ...sample.body } };
}

function fieldsOf(body: JsonTemplate): Readonly<Record<string, JsonTemplate>> {
  return typeof body === 'object' && body !== null && !isList(body) ? body : {};
}

/** Array.isArray does not narrow readonly arrays. */
function isList(body: object): body is readonly JsonTemplate[] {
  return Array.isArray(body);
}
