/** One check of `npm run verify`. */
export interface Check {
  readonly name: string;
  /** The command that repairs what it finds, or what a person has to do. */
  readonly fix: string;
  /** Gives the text to show a person; empty when all is well. Throws when it cannot tell. */
  readonly run: () => Promise<string>;
}
