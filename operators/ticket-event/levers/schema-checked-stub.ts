type Schema = unknown;
const resolve = (schema: Schema): unknown =>
  typeof schema === 'function' ? (schema as () => unknown)() : schema;

/** Problems of a value against a schema of the SDK's own service model: unknown members and wrong types. */
function schemaProblems(given: Schema, value: unknown, path: string): string[] {
  const schema = resolve(given);
  if (value === undefined) return [];
  if (typeof schema === 'number') {
    // Simple schemas: 0 string, 1 number, 2 boolean, 4 to 7 instants.
    const wanted = schema === 0 ? 'string' : schema === 1 ? 'number' : schema === 2 ? 'boolean' : undefined;
    return wanted && typeof value !== wanted ? [`${path} is no ${wanted}`] : [];
  }
  if (!Array.isArray(schema)) return [];
  switch (schema[0]) {
    case 0:
      // A simple schema with traits: its own kind is last.
      return schemaProblems(schema[4], value, path);
    case 1:
      if (!Array.isArray(value)) return [`${path} is no list`];
      return value.flatMap((item, i) => schemaProblems(memberOf(schema[4]), item, `${path}[${i}]`));
    case 3:
    case -3: {
      const names = schema[4] as string[];
      const members = schema[5] as Schema[];
      if (typeof value !== 'object' || value === null) return [`${path} is no structure`];
      const required = (schema[6] as number | undefined) ?? 0;
      const missing = names
        .slice(0, required)
        .filter((name) => (value as Record<string, unknown>)[name] === undefined);
      return [
        ...missing.map((name) => `${path}.${name} is missing`),
        ...Object.entries(value).flatMap(([name, member]) => {
          const index = names.indexOf(name);
          return index < 0
            ? [`${path}.${name} is unknown`]
            : schemaProblems(memberOf(members[index]), member, `${path}.${name}`);
        }),
      ];
    }
    case 4:
      return schemaProblems(schema[2], value, path);
    default:
      return [];
  }
}

/** A member is a schema, or a pair of a schema and its traits. */
function memberOf(member: Schema): Schema {
  const resolved = resolve(member);
  if (!Array.isArray(resolved)) return resolved;
  return typeof resolved[0] === 'number' && resolved.length > 2 ? resolved : resolve(resolved[0]);
}

/** The part of an AWS SDK client that a stub steps into. */
interface StubbedClient {
  readonly middlewareStack: {
    add(middleware: never, options: { step: 'deserialize'; priority: 'high' }): void;
  };
}
type Next = (args: {
  readonly input: unknown;
  readonly request: WireRequest;
}) => Promise<{ output: object; response: object }>;
interface WireRequest {
  readonly method: string;
  readonly hostname: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a client was about to put on the wire: serialised and signed by the SDK. */
export interface SentRequest {
  readonly name: string;
  readonly input: unknown;
  readonly request: WireRequest;
}

/**
 * Answers for AWS in a real client, by command name: the SDK resolves the endpoint, serialises and signs; what comes next
 * is this. Inputs and answers are checked against the service model the SDK itself serialises by, so that a stub cannot
 * take or give what AWS would not know.
 */
export function answerForAws(
  client: object,
  answers: Record<string, (input: never) => object>,
): readonly SentRequest[] {
  const sent: SentRequest[] = [];
  const middleware =
    (
      _next: Next,
      context: { commandName: string; __smithy_context: { operationSchema?: unknown[] } },
    ): Next =>
    async ({ input, request }) => {
      const name = context.commandName;
      const operation = context.__smithy_context.operationSchema;
      if (!operation) throw new Error(`${name} brings no service model`);
      const output = answers[name]?.(input as never);
      if (!output) throw new Error(`${name} has no answer`);
      const problems = [
        ...schemaProblems(operation[4], input, `${name} input`),
        ...schemaProblems(operation[5], output, `${name} output`),
      ];
      if (problems.length > 0) throw new Error(problems.join('; '));
      sent.push({ name, input, request });
      return { output: { ...output, $metadata: {} }, response: {} };
    };
  (client as StubbedClient).middlewareStack.add(middleware as never, {
    step: 'deserialize',
    priority: 'high',
  });
  return sent;
}
