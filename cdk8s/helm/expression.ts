/** Opens and closes an expression in a manifest until it is written as a template; neither occurs in YAML of ours. */
export const opening = '⟦';
export const closing = '⟧';

/** The only key of a map that stands for an expression: the types' own code walks over the keys of maps. */
export const mapKey = `${opening}map${closing}`;

/**
 * A Helm expression in the place of a value. The manifest's types stay those of Kubernetes: where a number belongs, the
 * expression stands as a number and is written without quotes.
 */
export interface Expression {
  /** Go template text, such as `.Values.image.tag`. */
  readonly text: string;
  /** A text, quoted by Helm. */
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  /** A map, written as JSON, which needs no indentation. */
  readonly map: Record<string, string>;
  /** A part of a longer text. */
  readonly part: string;
}

const token = (text: string) => `${opening}${text}${closing}`;

/** An expression of Go template text. */
export function expression(text: string): Expression {
  return {
    text,
    string: token(`${text} | quote`),
    number: token(text) as unknown as number,
    boolean: token(text) as unknown as boolean,
    map: { [mapKey]: token(`toJson (${text})`) },
    part: token(text),
  };
}

/** Text in braces that is meant for another program, past Helm: External Secrets has templates of its own. */
export const pastHelm = (text: string): string => token(`\`{{ ${text} }}\``);
