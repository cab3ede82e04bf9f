import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Repository, RepositoryEncryption, TagMutability } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import { addOutputs } from './add-outputs.ts';
import type { Profile } from './profile/profile.ts';
import { type Image, images } from './workloads.ts';

/** One repository for each image. Tags never move: what was scanned is what runs. */
export class ImagesStack extends Stack {
  readonly repositories: Readonly<Record<Image, Repository>>;

  constructor(scope: Construct, id: string, { profile, ...props }: StackProps & { profile: Profile }) {
    super(scope, id, props);
    this.repositories = Object.fromEntries(
      images.map((image) => [
        image,
        new Repository(this, image, {
          repositoryName: `onsale/${profile.name}/${image}`,
          imageTagMutability: TagMutability.IMMUTABLE,
          imageScanOnPush: true,
          encryption: RepositoryEncryption.AES_256,
          lifecycleRules: [{ description: 'Enough to roll back to', maxImageCount: 50 }],
          removalPolicy: profile.protectsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
          emptyOnDelete: !profile.protectsData,
        }),
      ]),
    ) as Record<Image, Repository>;
    addOutputs(this, 'images', {
      ImageRegistry: `${this.account}.dkr.ecr.${this.region}.${this.urlSuffix}/onsale/${profile.name}/`,
    });
  }
}
