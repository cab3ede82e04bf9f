import { CommitMessage } from '@onsale/contracts/queue/commit-message';
import { Compile } from 'typebox/compile';

export type ParsedCommit =
  | { readonly outcome: 'parsed'; readonly message: CommitMessage }
  /** Whatever is tried, it will not become a commit. */
  | { readonly outcome: 'poison'; readonly reason: string };

const schema = Compile(CommitMessage);

/** Checks a queue message's body against the contract. */
export function parseCommitMessage(body: string | undefined): ParsedCommit {
  let value: unknown;
  try {
    value = JSON.parse(body ?? '');
  } catch {
    return { outcome: 'poison', reason: 'not_json' };
  }
  if (schema.Check(value)) return { outcome: 'parsed', message: value };
  const [first] = schema.Errors(value);
  const where = first?.instancePath || '/';
  return {
    outcome: 'poison',
    reason: `not_a_commit_message: ${where} ${first?.message ?? ''}`.slice(0, 200).trim(),
  };
}
