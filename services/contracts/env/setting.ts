import { Type } from 'typebox';

/** A setting that must stay out of logs, error texts and ConfigMaps. */
export const secret = { secret: true } as const;

/** A TCP port; 0 lets the system choose, which tests use. */
export const Port = (description: string, port: number) =>
  Type.Integer({ description, minimum: 0, maximum: 65535, default: port });

/** Milliseconds. */
export const Milliseconds = (description: string, options: { default: number; minimum?: number }) =>
  Type.Integer({ description, maximum: 86_400_000, minimum: 0, ...options });

/** Whole seconds. */
export const Seconds = (description: string, options: { default: number; minimum?: number }) =>
  Type.Integer({ description, maximum: 86_400, minimum: 0, ...options });

/** `true` or `false`. */
export const Flag = (description: string, fallback: boolean) =>
  Type.Boolean({ description, default: fallback });

/** An http or https address. */
export const HttpUrl = (description: string, options: { default?: string } = {}) =>
  Type.String({
    description,
    format: 'uri',
    pattern: '^https?://',
    expected: 'an http:// or https:// address',
    ...options,
  });

/** A comma-separated list; the process sees an array. */
export const List = (
  description: string,
  options: { pattern?: string; expected: string; default?: string; secret?: true },
) => Type.Unsafe<readonly string[]>({ type: 'string', separator: ',', description, ...options });

/** When a setting has a value, one of some others must be given: checked at start, printed in the documentation. */
export interface Need {
  readonly when: { readonly variable: string; readonly is: string };
  readonly oneOf: readonly string[];
}
