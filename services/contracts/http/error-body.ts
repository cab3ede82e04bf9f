import { Type } from 'typebox';

/** The body of every error on the public paths: these two keys and no others. */
export const ErrorBody = Type.Object(
  {
    error: Type.String({ description: 'Stable snake_case code', examples: ['bad_request'] }),
    message: Type.String({ description: 'What went wrong and what to do, for a person' }),
  },
  { $id: 'Error', additionalProperties: false },
);

export type ErrorBody = Type.Static<typeof ErrorBody>;
