/** What is particular to a Region: its zones, its addresses, and how CloudFront is recognised there. */
export interface RegionFacts {
  readonly name: RegionName;
  /** Three zones, named so that synthesis looks nothing up. */
  readonly zones: readonly string[];
  /** The networks of the two Regions do not overlap, so they can be peered. */
  readonly cidr: string;
  /** Managed prefix list `com.amazonaws.global.cloudfront.origin-facing`. */
  readonly cloudFrontPrefixList: string;
}

export type RegionName = 'ap-northeast-1' | 'ap-northeast-2';

/** Both Regions. */
export const regions: Readonly<Record<RegionName, RegionFacts>> = {
  'ap-northeast-1': {
    name: 'ap-northeast-1',
    zones: ['ap-northeast-1a', 'ap-northeast-1c', 'ap-northeast-1d'],
    cidr: '10.10.0.0/16',
    cloudFrontPrefixList: 'pl-58a04531',
  },
  'ap-northeast-2': {
    name: 'ap-northeast-2',
    zones: ['ap-northeast-2a', 'ap-northeast-2b', 'ap-northeast-2c'],
    cidr: '10.20.0.0/16',
    cloudFrontPrefixList: 'pl-22a6434b',
  },
};
