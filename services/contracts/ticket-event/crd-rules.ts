/** A CEL rule of the CRD: the API server evaluates it on every write and answers with the message. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

const noDays = (path: string) => `(!${path}.contains('d'))`;

/**
 * Relations between fields, by the path of the object they belong to. CEL's `duration()` knows no days, so durations
 * that are compared must be written in hours.
 */
export const crdRules: Readonly<Record<string, readonly CelRule[]>> = {
  '': [
    {
      rule: '!has(oldSelf.status) || !has(oldSelf.status.publishedGeneration) || (has(self.spec.venue) == has(oldSelf.spec.venue) && (!has(self.spec.venue) || self.spec.venue == oldSelf.spec.venue))',
      message: 'spec.venue: sections and prices cannot change once the event is published',
    },
    {
      rule: '!has(oldSelf.status) || !has(oldSelf.status.publishedGeneration) || (has(self.spec.generalAdmission) == has(oldSelf.spec.generalAdmission) && (!has(self.spec.generalAdmission) || self.spec.generalAdmission == oldSelf.spec.generalAdmission))',
      message: 'spec.generalAdmission: capacity and price cannot change once the event is published',
    },
    {
      rule: '!has(oldSelf.status) || !has(oldSelf.status.publishedGeneration) || has(self.spec.sale.windows) == has(oldSelf.spec.sale.windows)',
      message: 'spec.sale: a published sale cannot change between windows and a single opening',
    },
  ],
  'spec.eventId': [
    { rule: 'self == oldSelf', message: 'spec.eventId is immutable: apply another TicketEvent' },
  ],
  'spec.homeRegion': [
    { rule: 'self == oldSelf', message: 'spec.homeRegion is immutable: a sale never moves between Regions' },
  ],
  spec: [
    {
      rule: 'has(self.venue) != has(self.generalAdmission)',
      message: 'exactly one of spec.venue and spec.generalAdmission is needed',
    },
    {
      rule: '!has(self.waitingRoom) || !has(self.waitingRoom.opensAt) || !has(self.sale.windows)',
      message: 'spec.waitingRoom.opensAt: a windowed sale opens its room when the round before has closed',
    },
    {
      rule: '!has(self.waitingRoom) || !has(self.waitingRoom.opensAt) || !has(self.sale.opensAt) || self.waitingRoom.opensAt <= self.sale.opensAt',
      message: 'spec.waitingRoom.opensAt must not be after spec.sale.opensAt',
    },
    {
      rule: '!has(self.targets) || self.targets.size() == 0 || has(self.expected)',
      message: 'spec.expected.peakRps is needed where spec.targets are named',
    },
    {
      rule: "!has(self.openPolicy) || self.openPolicy.mode != 'WhenConfirmed' || !has(self.sale.windows)",
      message: 'spec.openPolicy: a windowed sale opens by the clock; WhenConfirmed needs a single opening',
    },
    {
      rule:
        "!has(self.openPolicy) || !has(self.openPolicy.maxDelay) || self.openPolicy.mode != 'WhenConfirmed' || !has(self.sale.opensAt) || !has(self.sale.closesAt) || (" +
        `${noDays('self.openPolicy.maxDelay')} && self.sale.opensAt + duration(self.openPolicy.maxDelay) < self.sale.closesAt)`,
      message: 'spec.openPolicy.maxDelay, in hours, minutes or seconds, must end before spec.sale.closesAt',
    },
  ],
  'spec.sale': [
    {
      rule: 'has(self.windows) ? (!has(self.opensAt) && !has(self.closesAt)) : (has(self.opensAt) && has(self.closesAt))',
      message: 'spec.sale needs opensAt and closesAt, or windows',
    },
    {
      rule: '!has(self.opensAt) || !has(self.closesAt) || self.opensAt < self.closesAt',
      message: 'spec.sale.opensAt must be before spec.sale.closesAt',
    },
  ],
  'spec.sale.windows': [
    {
      rule: `${noDays('self.every')} && ${noDays('self.openFor')}`,
      message: 'spec.sale.windows: write durations in hours, minutes and seconds',
    },
    {
      rule: `!${noDays('self.every')} || duration(self.every) >= duration('2s')`,
      message: 'spec.sale.windows.every must be at least 2s',
    },
    {
      rule: `!(${noDays('self.every')} && ${noDays('self.openFor')}) || (duration(self.openFor) > duration('0s') && duration(self.openFor) < duration(self.every))`,
      message: 'spec.sale.windows.openFor must be longer than 0s and shorter than every',
    },
  ],
  'spec.limits.holdTtl': [
    {
      rule: `${noDays('self')} && duration(self) >= duration('1s') && duration(self) <= duration('1h')`,
      message: 'spec.limits.holdTtl must be between 1s and 1h',
    },
  ],
  'spec.drain.interval': [
    {
      rule: `!${noDays('self')} || duration(self) >= duration('1s')`,
      message: 'spec.drain.interval must be at least 1s',
    },
  ],
  'spec.venue': [
    {
      rule: 'self.sections.map(one, one.rows * one.seatsPerRow).sum() <= 1000000',
      message: 'spec.venue.sections: more than 1,000,000 seats',
    },
    {
      rule: 'self.sections.map(one, one.rows).sum() <= 99999',
      message: 'spec.venue.sections: more than 99,999 rows',
    },
  ],
  'spec.targets[]': [
    {
      rule: '!has(self.floor) || self.floor <= self.ceiling',
      message: 'spec.targets[].floor must not be over ceiling',
    },
  ],
  'spec.targets': [
    {
      rule: 'self.all(one, self.exists_one(other, other.ref.kind == one.ref.kind && other.ref.name == one.ref.name))',
      message: 'spec.targets: each HorizontalPodAutoscaler or ScaledObject may be named once',
    },
  ],
};
