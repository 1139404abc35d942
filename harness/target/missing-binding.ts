import type { Bindings } from '../model/target.ts';

/** The target does not say how an action is done on it. The suite API turns this into NOT_RUN with this message. */
export class MissingBinding extends Error {
  override readonly name = 'MissingBinding';
  readonly binding: keyof Bindings;

  constructor(binding: keyof Bindings) {
    super(`no binding \`${binding}\``);
    this.binding = binding;
  }
}
