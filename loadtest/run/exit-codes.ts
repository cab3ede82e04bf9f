/** k6's exit code after Ctrl-C; its summary is written all the same. */
export const stoppedFromOutside = 105;

/** The exit codes of several k6 as one: null where one was killed, else what is worst; 99 is a crossed threshold. */
export function overallExitCode(codes: readonly (number | null)[]): number | null {
  if (codes.includes(null)) return null;
  const failed = codes.filter((code) => code !== 0);
  return failed.find((code) => code !== 99) ?? failed[0] ?? 0;
}
