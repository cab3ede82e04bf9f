// Who may import whom, for code and tests alike. A layer sees what lies below it; siblings do not see each other.
const PROJECT = '^(services|operators|cdk8s|cluster-cdk|loadtest|scripts)/';
const CONTRACTS = '^services/contracts/';
const PLATFORM = '^services/platform/';
const DOMAINS = '^services/(waiting-room|inventory|orders)/';
const DEPLOYABLES = '^services/(public-api|confirm-api|confirm-worker|migrate|report)/';
// A deployable too, and the client a rehearsal plays with.
const BOTS = '^services/bots/';
// The one door from the layers below local: a test of theirs asks for engines here.
const TEST_ENGINES = '^services/local/test-engines\\.ts$';
// A browser test plays against the whole local stack.
const WEB_TESTS_STACK =
  '^services/local/(admin-client|local-secrets|local-stack|page/(build-page|serve-console)|engines/(debian-packages|find-on-path))\\.ts$';
// Where a running `npm start` is, and what opens it.
const LOCAL_RUNNERS_DOOR = '^services/local/(admin-client|local-secrets|run-state)\\.ts$';
const TEST_CODE = [
  '\\.test\\.ts$',
  '(^|[/-])test-[^/]+\\.ts$',
  '-(fixture|sample|stub)\\.ts$',
  '/(fixtures|testing|scenarios)/',
  '^services/e2e/',
];
const { scripts } = require('./package.json');
const SCRIPTED = Object.values(scripts).flatMap((command) => command.match(/[^ ]+\.ts\b/g) ?? []);

/** What people, containers and other processes start. */
const ENTRIES = [
  '(^|/)(main|tracing|[^/]+-child)\\.ts$',
  '^cluster-cdk/bin/',
  '^cdk8s/hooks/',
  '^scripts/([^/]+|generate/.*)\\.ts$',
  '^services/web/(src/(console/)?main\\.tsx|[^/]+\\.ts)$',
  ...SCRIPTED.map((path) => `^${path.replaceAll('.', '\\.')}$`),
];

/** Files in `folder`, whose first group is the package, import the project's files in `allowed` and their own package. */
const layer = (name, folder, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^(${folder})/` },
  to: { path: PROJECT, pathNot: ['^$1/', TEST_ENGINES, ...allowed] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    layer('contracts-stand-alone', 'services/contracts', [], 'contracts import nothing of ours.'),
    layer('platform-knows-no-domain', 'services/platform', [CONTRACTS], 'platform imports contracts alone.'),
    layer(
      'domains-apart',
      'services/(?:waiting-room|inventory|orders)',
      [CONTRACTS, PLATFORM],
      'A domain imports contracts and platform; what two domains share belongs there.',
    ),
    layer(
      'deployables-apart',
      'services/(?:public-api|confirm-api|confirm-worker|migrate|report)',
      [CONTRACTS, PLATFORM, DOMAINS],
      'A deployable imports domains and what is below them, no other deployable.',
    ),
    layer('bots-are-clients', 'services/bots', [CONTRACTS, PLATFORM], 'A bot knows what crosses the wire.'),
    layer(
      'web-is-a-client',
      'services/web',
      [CONTRACTS, WEB_TESTS_STACK],
      'The page knows what crosses the wire.',
    ),
    {
      name: 'page-apart-from-its-tests',
      comment: 'Only the tests of the page start services.',
      severity: 'error',
      from: { path: '^services/web/', pathNot: TEST_CODE },
      to: { path: '^services/local/' },
    },
    layer(
      'local-below-e2e',
      'services/local',
      [CONTRACTS, PLATFORM, DOMAINS, DEPLOYABLES, BOTS, '^operators/ticket-event/plan/'],
      'The local runner starts the services and knows no journey; its command line prints the plan of an event.',
    ),
    layer(
      'operators-over-platform',
      'operators/[^/]+',
      [CONTRACTS, PLATFORM, '^operators/control-plane/'],
      'An operator speaks to the services over the wire.',
    ),
    layer(
      'charts-over-contracts',
      'cdk8s',
      [
        ...[CONTRACTS, '^operators/ticket-event/operator-env\\.ts$', '^operators/control-plane/'],
        '^services/local/local-secrets\\.ts$',
      ],
      'Charts are made from contracts, the operator’s settings and a laptop’s secrets; their tests run Helm and a control plane.',
    ),
    layer('cloud-over-contracts', 'cluster-cdk', [CONTRACTS], 'Stacks are made from contracts.'),
    layer(
      'load-is-a-client',
      'loadtest',
      [
        ...[CONTRACTS, LOCAL_RUNNERS_DOOR, '^operators/control-plane/'],
        '^cluster-cdk/lib/((cost|profile)/|observe/service-alarms\\.ts$)',
        '^cdk8s/scaling/(metric-names|prometheus)\\.ts$',
        '^services/platform/(batcher|dynamodb|logger|redis|script-command)\\.ts$',
        '^services/(waiting-room/room-token|public-api/room-token-keys)\\.ts$',
      ],
      'A load test is a client; the calls of a hold by hand are measured with the services’ own clients; it finds the local runner, builds and renders with the control plane’s tools, and has prices and names of metrics from stacks and charts.',
    ),
    {
      name: 'tools-stay-tools',
      comment: 'Nothing imports the repository’s own tools or the journeys.',
      severity: 'error',
      from: { pathNot: '^(scripts|services/e2e)/' },
      to: { path: '^(scripts|services/e2e)/' },
    },
    {
      name: 'engines-for-tests-only',
      comment: 'Only test code asks for test engines; its names are listed above.',
      severity: 'error',
      from: { pathNot: [...TEST_CODE, '^scripts/', '^services/local/'] },
      to: { path: TEST_ENGINES },
    },
    {
      name: 'no-test-imported',
      comment: 'A test file is imported by nothing; what tests share has a file of its own.',
      severity: 'error',
      from: {},
      to: { path: '\\.test\\.ts$' },
    },
    {
      name: 'packages-by-name',
      comment: 'Another package is imported as @onsale/<package>/<path>, not by a relative path.',
      severity: 'error',
      from: { path: '^((?:services|operators)/[^/]+|cdk8s|cluster-cdk|loadtest|scripts)/' },
      to: {
        path: PROJECT,
        pathNot: '^$1/',
        dependencyTypes: ['local'],
        dependencyTypesNot: ['aliased-workspace'],
      },
    },
    {
      name: 'no-cycles',
      comment: 'Modules that load each other have no order to start in; types may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'The module is not there, or its package does not export it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      // knip takes every file a package exports for an entry; this finds files that only tests, or nothing, lead to.
      name: 'no-dead-files',
      comment: 'No process, command line or generator leads to this file, only tests do, or nothing.',
      severity: 'error',
      from: { path: ENTRIES },
      to: {
        path: PROJECT,
        pathNot: [...ENTRIES, ...TEST_CODE, '\\.d\\.ts$', '^(scripts|loadtest)/'],
        reachable: false,
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.tap|\\.onsale)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types', 'default'],
    },
  },
};
