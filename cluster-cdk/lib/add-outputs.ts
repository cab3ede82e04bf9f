import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { type Outputs, outputNames, type StackPart } from './outputs.ts';

/** Gives a stack the outputs of its part; one that is missing does not compile. */
export function addOutputs<Part extends StackPart>(stack: Stack, part: Part, values: Outputs<Part>): void {
  for (const name of outputNames[part] as readonly (keyof Outputs<Part>)[])
    new CfnOutput(stack, String(name), { value: values[name] });
}
