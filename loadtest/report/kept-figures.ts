import type { Alarm, Observation } from './run-record.ts';

/** Something kept by Prometheus or CloudWatch, over the run. */
export interface KeptFigure {
  readonly source: string;
  readonly figure: string;
  readonly of: string;
  readonly least: number;
  readonly mean: number;
  readonly most: number;
  readonly alarm: Alarm | undefined;
  /** Part of its values for which the alarm's condition held. */
  readonly beyondShare: number;
}

export function keptFigures(observations: readonly Observation[]): KeptFigure[] {
  const figures = observations.filter((one) => one.kind === 'figure');
  const groups = Map.groupBy(figures, ({ source, figure, of }) => `${source} ${figure} ${of}`);
  return [...groups.values()].map((samples) => {
    const { source, figure, of, alarm } = samples[0]!;
    const values = samples.map(({ value }) => value);
    const isBeyond = (value: number) =>
      alarm !== undefined &&
      (alarm.comparison === 'above' ? value > alarm.threshold : value < alarm.threshold);
    return {
      ...{ source, figure, of, alarm },
      least: Math.min(...values),
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      most: Math.max(...values),
      beyondShare: values.filter(isBeyond).length / values.length,
    };
  });
}
