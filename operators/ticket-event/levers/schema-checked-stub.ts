/** A command of the AWS SDK: its input, and the service model it is serialised by. */
interface Command {
  readonly input: unknown;
  readonly schema?: unknown;
  readonly constructor: { readonly name: string };
}

type Schema = unknown;
const resolve = (schema: Schema): unknown =>
  typeof schema === 'function' ? (schema as () => unknown)() : schema;

/** Problems of a value against a schema of the SDK's own service model: unknown members and wrong types. */
export function schemaProblems(given: Schema, value: unknown, path: string): string[] {
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

/**
 * A client whose answers come from `answers`, by command name. What is sent and what is answered is checked against the
 * service model the SDK itself serialises by, so that a stub cannot accept what AWS would not know.
 */
export function schemaCheckedStub(answers: Record<string, (input: never) => object>): {
  readonly client: { send(command: never): Promise<never> };
  readonly sent: { readonly name: string; readonly input: unknown }[];
} {
  const sent: { name: string; input: unknown }[] = [];
  return {
    sent,
    client: {
      async send(given: never): Promise<never> {
        const command = given as Command;
        const name = command.constructor.name;
        const operation = command.schema;
        if (!Array.isArray(operation)) throw new Error(`${name} brings no service model`);
        const answer = answers[name]?.(command.input as never);
        if (!answer) throw new Error(`${name} has no answer`);
        const problems = [
          ...schemaProblems(operation[4], command.input, `${name} input`),
          ...schemaProblems(operation[5], answer, `${name} output`),
        ];
        if (problems.length > 0) throw new Error(problems.join('; '));
        sent.push({ name, input: command.input });
        return answer as never;
      },
    },
  };
}
