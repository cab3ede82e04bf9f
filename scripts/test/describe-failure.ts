import { inspect } from 'node:util';
import type { Failure } from './run-test-file.ts';

const indent = (text: string) => text.trimEnd().replaceAll(/^(?=.)/gm, '    ');

function position(at: unknown): string {
  const { fileName, lineNumber, columnNumber } = (at ?? {}) as {
    fileName?: string;
    lineNumber?: number;
    columnNumber?: number;
  };
  return [fileName, lineNumber, columnNumber].filter((part) => part !== undefined).join(':');
}

/** The text of a failure for people: where, what differs, the stack, the causes; everything tap told, nothing twice. */
export function describeFailure({ name, details }: Failure): string {
  if (details === undefined) return `  ✗ ${name}`;
  const { at, stack, diff, message, cause, source: _source, compare: _compare, ...others } = details;
  const parts = [`  ✗ ${name}`];
  if (typeof message === 'string' && message !== name) parts.push(indent(message));
  const where = position(at);
  if (where !== '') parts.push(indent(`at ${where}`));
  if (typeof diff === 'string') parts.push(indent(diff));
  if (typeof stack === 'string') parts.push(indent(stack));
  if (Object.keys(others).length > 0) parts.push(indent(inspect(others, { depth: 8, breakLength: 100 })));
  if (typeof cause === 'object' && cause !== null) {
    parts.push(indent(describeFailure({ name: 'cause', details: cause as Record<string, unknown> })));
  }
  return parts.join('\n');
}
