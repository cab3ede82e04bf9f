/** Numbers as a report shows them. */
export const numberText = {
  ms: (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0)),
  percent: (share: number) => `${(share * 100).toFixed(2)} %`,
  /** Undefined is what did not happen while the run lasted. */
  seconds: (value: number | undefined) => (value === undefined ? 'not in this run' : `${value.toFixed(1)} s`),
  /** Of any size, three digits of it. */
  any: (value: number) =>
    Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : String(Number(value.toPrecision(3))),
};
