import type { TObject, TSchema } from 'typebox';
import { Document, isMap, isScalar, type YAMLMap } from 'yaml';

interface Described {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Record<string, TSchema>;
}

/** The default of every value; one that has none must be given and is empty here. */
export function defaultsOf(schema: TObject): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema.properties).map(([key, property]) => {
      const { properties, default: fallback } = property as Described;
      return [key, properties ? defaultsOf(property as TObject) : (fallback ?? '')];
    }),
  );
}

function comment(map: YAMLMap, schema: TObject, depth: number): void {
  const lineWidth = 116 - depth * 2;
  map.items.forEach((pair, index) => {
    if (!isScalar(pair.key)) return;
    const property: Described | undefined = schema.properties[String(pair.key.value)];
    if (property?.description === undefined) throw new Error(`${String(pair.key.value)} has no description`);
    const required = property.properties === undefined && property.default === undefined ? ' Required.' : '';
    pair.key.commentBefore = wrap(`${property.description.replace(/[.]?$/, '.')}${required}`, lineWidth);
    if (depth === 0 && index > 0) pair.key.spaceBefore = true;
    if (isMap(pair.value) && property.properties) comment(pair.value, property as TObject, depth + 1);
  });
}

function wrap(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    if (lines.at(-1)!.length + word.length + 1 > width) lines.push('');
    lines[lines.length - 1] += ` ${word}`;
  }
  return lines.join('\n');
}

/** values.yaml: every default under a comment with its description. */
export function valuesYaml(schema: TObject): string {
  const document = new Document(defaultsOf(schema));
  if (isMap(document.contents)) comment(document.contents, schema, 0);
  return document.toString({ lineWidth: 0 });
}

/** Rows of the table of values, for people. */
export function valuesTable(schema: TObject): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const rows = (part: TObject, path: string): string[] =>
    Object.entries(part.properties).flatMap(([key, property]) => {
      const { properties, default: fallback, description = '' } = property as Described;
      if (properties) return rows(property as TObject, `${path}${key}.`);
      const shown = fallback === undefined ? '**required**' : `\`${JSON.stringify(fallback)}\``;
      return [`| \`${path}${key}\` | ${cell(shown)} | ${cell(description)} |`];
    });
  return ['| value | default | what it is |', '|---|---|---|', ...rows(schema, '')].join('\n');
}
