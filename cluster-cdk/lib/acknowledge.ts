import { type Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts findings of a rule at a construct and below it, with the reason that stands in the review. */
export function acknowledge(at: IConstruct | Stack, reason: string, ...ids: string[]): void {
  Validations.of(at).acknowledge(...ids.map((id) => ({ id, reason })));
}
