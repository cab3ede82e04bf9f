import type { Static, TObject, TSchema } from 'typebox';
import { expression, type Expression } from './expression.ts';

/** An expression for each value, in the shape of the values; maps with free keys are one value. */
export type References<Values> = {
  readonly [Key in keyof Values]-?: NonNullable<Values[Key]> extends readonly unknown[]
    ? Expression
    : NonNullable<Values[Key]> extends object
      ? string extends keyof NonNullable<Values[Key]>
        ? Expression
        : References<NonNullable<Values[Key]>>
      : Expression;
};

/** References to the values a schema describes: `values.image.tag` is `.Values.image.tag`. A misspelt one does not compile. */
export function valueReferences<Schema extends TObject>(schema: Schema): References<Static<Schema>> {
  const build = (part: TSchema, path: string): unknown => {
    const { properties, type } = part as { properties?: Record<string, TSchema>; type?: string };
    if (properties === undefined) {
      // Helm reads whole numbers as floats and would print 1e+06.
      return expression(type === 'integer' ? `int64 ${path}` : path);
    }
    return Object.fromEntries(
      Object.entries(properties).map(([key, property]) => [key, build(property, `${path}.${key}`)]),
    );
  };
  return build(schema, '.Values') as References<Static<Schema>>;
}
