import { durationSeconds, type Profile, type Step } from './profile.ts';

export interface Scale {
  /** Part of each rate that is kept. */
  readonly rates: number;
  /** Minutes the whole run is to take; as long as the profile says where it is undefined. */
  readonly minutes?: number | undefined;
}

/**
 * A profile with the same steps and shares at other rates and of another length, so that what is made for a hundred
 * machines can be tried on one. Targets stay: they are promises, not sizes.
 */
export function scaleProfile(profile: Profile, { rates, minutes }: Scale): Profile {
  if (rates === 1 && minutes === undefined) return profile;
  const pace = minutes === undefined ? 1 : (minutes * 60) / durationSeconds(profile);
  const seconds = (value: number) => Math.max(1, Math.round(value * pace));
  const rps = (value: number) => Math.max(1, value * rates);
  const scaled = (step: Step): Step => ({
    ...step,
    seconds: seconds(step.seconds),
    rps: rps(step.rps),
    ...(step.fromRps === undefined ? {} : { fromRps: rps(step.fromRps) }),
  });
  const steps = profile.steps.map(scaled);
  const length = durationSeconds({ ...profile, steps });
  return {
    ...profile,
    description: `${profile.description}; here at ${rates} of these rates, in ${(length / 60).toFixed(1)} min`,
    steps,
    targets: { ...profile.targets, stopAfterSeconds: seconds(profile.targets.stopAfterSeconds) },
    // Rivals meet as often as they do at full size; a pair wants something to race for at any.
    lastSeats: Math.max(4, Math.round(profile.lastSeats * Math.min(1, rates * pace))),
    opensInSeconds: profile.opensInSeconds === 0 ? 0 : seconds(profile.opensInSeconds),
  };
}
