import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin, VpcOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { addOutputs } from './add-outputs.ts';
import type { EntryStack } from './entry-stack.ts';
import type { Settings } from './profile/context.ts';

export interface EdgeProps extends StackProps {
  readonly settings: Settings;
  readonly regionName: string;
  readonly entry: EntryStack;
  readonly webAclArn: string;
}

/** Statuses CloudFront would keep for ten seconds of its own accord; a sale that opens must not be hidden by a cached 503. */
const errorStatuses = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** CloudFront of a Region: the page from its bucket, the APIs from the internal load balancer. */
export class EdgeStack extends Stack {
  readonly distribution: Distribution;
  readonly page: Bucket;
  /** Where clients reach this Region. */
  readonly apiBase: string;

  constructor(scope: Construct, id: string, { settings, regionName, entry, webAclArn, ...props }: EdgeProps) {
    super(scope, id, props);
    const { profile, domainName, edgeCertificateArn } = settings;
    const host = domainName && `${regionName}.${domainName}`;
    this.page = new Bucket(this, 'Page', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      serverAccessLogsBucket: entry.logs,
      serverAccessLogsPrefix: 'page/',
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30) }],
      // Built from source: a deployment writes it again.
      removalPolicy: profile.protectsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const api = VpcOrigin.withApplicationLoadBalancer(entry.loadBalancer, {
      protocolPolicy: OriginProtocolPolicy.HTTP_ONLY,
      readTimeout: Duration.seconds(30),
      keepaliveTimeout: Duration.seconds(55),
    });
    const shared = new CachePolicy(this, 'PublicCache', {
      comment: 'As long as the service says, ten seconds at most; the same for all buyers',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.seconds(10),
      enableAcceptEncodingBrotli: true,
      enableAcceptEncodingGzip: true,
      queryStringBehavior: CacheQueryStringBehavior.all(),
      headerBehavior: CacheHeaderBehavior.none(),
      cookieBehavior: CacheCookieBehavior.none(),
    });
    const passedOn = {
      origin: api,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      compress: true,
    };
    const uncached = { ...passedOn, cachePolicy: CachePolicy.CACHING_DISABLED };
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `onsale ${profile.name} ${regionName}`,
      defaultRootObject: 'index.html',
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(this.page),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
        compress: true,
      },
      additionalBehaviors: {
        '/public/*': { ...passedOn, cachePolicy: shared },
        '/confirm/*': uncached,
        '/api/*': uncached,
      },
      errorResponses: errorStatuses.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_200,
      webAclId: webAclArn,
      logBucket: entry.logs,
      logFilePrefix: 'cloudfront/',
      ...(host !== undefined && edgeCertificateArn !== undefined
        ? {
            domainNames: [host],
            minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
            certificate: Certificate.fromCertificateArn(this, 'Certificate', edgeCertificateArn),
          }
        : {}),
    });
    this.apiBase = `https://${host ?? this.distribution.distributionDomainName}`;
    acknowledge(this, 'Tickets are sold worldwide.', 'AwsSolutions-CFR1');
    if (host === undefined)
      acknowledge(
        this,
        'Without a domain of its own the deployment uses CloudFront’s certificate, whose minimum version is CloudFront’s; give domainName.',
        'AwsSolutions-CFR4',
      );
    acknowledge(
      this,
      'The origin is internal: CloudFront reaches it inside the VPC, over network links AWS encrypts; the load balancer has no public name a certificate could be issued for.',
      'AwsSolutions-CFR5',
    );
    addOutputs(this, 'edge', {
      ApiBase: this.apiBase,
      PageBucket: this.page.bucketName,
      DistributionId: this.distribution.distributionId,
    });
  }
}
