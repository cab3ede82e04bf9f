import t from 'tap';
import { planCapacity, whatBreaks, type CapacityInput } from './plan-capacity.ts';
import type { StepCost } from './step-costs.ts';
import type { Step } from './traffic.ts';

const cost = (serverUs: number, redisUs = 0, postgresUs = 0): StepCost => ({ serverUs, redisUs, postgresUs });
const costs: Record<Step, StepCost> = {
  'room-status': cost(50),
  summary: cost(40),
  seats: cost(40),
  enter: cost(70, 20),
  hold: cost(200, 40),
  intent: cost(200, 10, 100),
  commit: cost(300, 30, 150),
  settle: cost(300, 30, 300),
};
const input: CapacityInput = {
  traffic: { requestsPerSecond: 100_000, purchasesPerSecond: 2000, edgeHits: 0.9, sections: 40 },
  region: 'ap-northeast-1',
  costs,
  vcpuSpeed: 1,
  busy: 0.6,
};
const needOf = (given: CapacityInput, part: string) =>
  planCapacity(given).needs.find((need) => need.part === part)!.need;
const withTraffic = (traffic: Partial<CapacityInput['traffic']>) => ({
  ...input,
  traffic: { ...input.traffic, ...traffic },
});

t.test('each part, reckoned by hand', async (t) => {
  const { pods, auroraUnits } = planCapacity(input);
  // 90,000 reads: 54,000 room-status, a tenth of 36,000 others, 2,000 enters, 2,000 holds: 61,600 at 800 a pod.
  t.equal(pods.publicApi, 77);
  // 4,000 requests at 800 a pod; by CPU 1.0 core at 60 %.
  t.equal(pods.confirmApi, 5);
  t.equal(pods.confirmWorker, 2);
  // 2,000 × 550 µs = 1.1 cores, at 60 % 1.83 vCPU, four units each.
  t.equal(auroraUnits, 7.5);
  t.equal(needOf(input, 'DynamoDB table'), 10_000);
  t.equal(needOf(input, 'DynamoDB, a partition'), 250);
  t.equal(Math.round(needOf(input, 'SQS, sending')), Math.round(2000 / 1.8));
});

t.test('where requests are dear, CPU decides how many pods', async (t) => {
  const dear = { ...input, costs: { ...costs, 'room-status': cost(1500) } };
  t.equal(planCapacity(dear).pods.publicApi, Math.ceil((54_000 * 1500 + 3600 * 40 + 2000 * 270) / 1e6 / 0.6));
  t.ok(planCapacity({ ...dear, vcpuSpeed: 0.5 }).pods.publicApi > 1.9 * planCapacity(dear).pods.publicApi);
});

t.test('more of anything never needs less of anything', async (t) => {
  for (const more of [{ requestsPerSecond: 200_000 }, { purchasesPerSecond: 8000 }, { edgeHits: 0.5 }]) {
    const after = planCapacity(withTraffic(more));
    for (const { part, need } of planCapacity(input).needs) {
      // Purchases take the place of reads, and busier senders fill their calls.
      if ('purchasesPerSecond' in more && ['load balancer', 'public-api', 'Fargate'].includes(part)) continue;
      t.ok(
        after.needs.find((one) => one.part === part)!.need >= need - 1e-9,
        `${part}: ${JSON.stringify(more)}`,
      );
    }
  }
});

t.test('what breaks first is at its limit there, and not before', async (t) => {
  const broken = whatBreaks(input);
  for (const { part, atRequestsPerSecond } of broken) {
    const at = (factor: number) => {
      const traffic = {
        requestsPerSecond: atRequestsPerSecond * factor,
        purchasesPerSecond: (atRequestsPerSecond * factor) / 50,
      };
      const { need, limit } = planCapacity(withTraffic(traffic)).needs.find((one) => one.part === part)!;
      return need / limit!;
    };
    t.ok(at(0.99) <= 1, `${part} holds at 99 %`);
    t.ok(at(1.02) >= 0.999, `${part} does not hold beyond`);
  }
  t.same(
    broken.map((one) => one.atRequestsPerSecond),
    broken.map((one) => one.atRequestsPerSecond).sort((a, b) => a - b),
  );
});

t.test('more purchases than requests are refused', async (t) => {
  t.throws(() => planCapacity(withTraffic({ requestsPerSecond: 1000, purchasesPerSecond: 500 })), RangeError);
});
