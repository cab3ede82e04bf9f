import { type Outputs, type OutputsFile, outputNames, type StackPart, stackNameOf } from '../outputs.ts';

/** The outputs of a stack from a Region's file; an error names what is missing, and so the stack that is not deployed. */
export function readOutputs<Part extends StackPart>(
  file: OutputsFile,
  profile: string,
  part: Part,
): Outputs<Part> {
  const stack = stackNameOf(profile, part);
  const given = file[stack] ?? {};
  const missing = outputNames[part].filter((name) => given[name] === undefined);
  if (missing.length > 0) throw new Error(`${stack} has no output ${missing.join(', ')}: deploy it first`);
  return given;
}
