import { Document, isScalar, visit } from 'yaml';
import { closing, mapKey, opening } from './expression.ts';

const only = new RegExp(`^${opening}([^${opening}${closing}]+)${closing}$`);
const within = new RegExp(`${opening}([^${opening}${closing}]+)${closing}`, 'g');

/** Puts the expression in the place of the map that stands for it. */
function withoutStandIns(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withoutStandIns);
  if (typeof part !== 'object' || part === null) return part;
  if (mapKey in part) return part[mapKey];
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withoutStandIns(value)]));
}

/** Writes a manifest as a Helm template: an expression that is a whole value goes unquoted, one within a text stays in it. */
export function templateText(manifest: object, condition?: string): string {
  const document = new Document(withoutStandIns(manifest), { aliasDuplicateObjects: false });
  const whole: string[] = [];
  visit(document, {
    Scalar(key, node) {
      if (!isScalar(node) || typeof node.value !== 'string' || key === 'key') return;
      const value = node.value;
      const match = only.exec(value);
      // What is meant for another program is a text of this one.
      if (match && !match[1]!.startsWith('`')) {
        node.value = `__EXPRESSION_${whole.length}__`;
        whole.push(`{{ ${match[1]} }}`);
      } else if (value.includes(opening)) {
        // In single quotes an expression may use double ones.
        node.value = value.replaceAll(within, '{{ $1 }}');
        node.type = 'QUOTE_SINGLE';
      }
    },
  });
  const text = document
    .toString({ lineWidth: 0 })
    .replaceAll(/__EXPRESSION_(\d+)__/g, (_, index: string) => whole[Number(index)]!);
  return condition === undefined ? text : `{{- if ${condition} }}\n${text}{{- end }}\n`;
}
