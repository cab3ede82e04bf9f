/** The parts of a setting's schema that say what it should be. */
export interface SettingSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly expected?: string;
  readonly secret?: boolean;
}

/** What a setting should be, in words that fit after "should be". */
export function expectation({ type, enum: values, minimum, maximum, expected }: SettingSchema): string {
  if (expected !== undefined) return expected;
  if (values !== undefined) return `one of ${values.join(', ')}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'integer' || type === 'number') {
    const kind = type === 'integer' ? 'a whole number' : 'a number';
    if (minimum !== undefined && maximum !== undefined) return `${kind} from ${minimum} to ${maximum}`;
    return minimum === undefined ? kind : `${kind} of at least ${minimum}`;
  }
  return 'a text that is not empty';
}
