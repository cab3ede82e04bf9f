import type { DataLever, LearnedTimes } from './sale-demand.ts';

/** The HPA looks every 15 s on EKS and the period cannot be set. */
const hpaSyncMs = 15_000;
/** Fargate starts at most this many pods a second per account and Region, after a burst of as many. */
const launchesPerSecond = 20;
const launchBurst = 20;

/** Used until the cluster has been seen to be slower: Fargate's reported 60–90 s, a target group's two health checks. */
export const defaultTimes: LearnedTimes = { podStartMs: 90_000, registrationMs: 30_000 };

/** What a lever other than pods takes, milliseconds: minutes to hours for a load balancer, minutes for a database. */
export const dataLeverLeadMs: Readonly<Record<DataLever, number>> = {
  alb: 3_600_000,
  aurora: 900_000,
  dynamodb: 1_800_000,
};

/** A lever starts this many leads before it must be done: one lead, and half again for what was not foreseen. */
export const leadSafety = 1.5;

/** Milliseconds from raising floors by `addedPods` until the last pod takes traffic. */
export function podLeadMs(addedPods: number, learned: LearnedTimes): number {
  const launchMs = (Math.max(0, addedPods - launchBurst) / launchesPerSecond) * 1000;
  return (
    hpaSyncMs +
    launchMs +
    Math.max(defaultTimes.podStartMs, learned.podStartMs) +
    Math.max(defaultTimes.registrationMs, learned.registrationMs)
  );
}
