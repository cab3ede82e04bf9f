// Types are checked by tsc, form by Biome; here is what only a type-aware linter sees, above all forgotten promises.
import tseslint from 'typescript-eslint';

const SETTINGS = 'Settings are read once, in main.ts, by the platform; pass them in.';

const TEST_CODE = [
  '**/*.test.ts',
  '**/test-*.ts',
  '**/*-test-*.ts',
  '**/*-{fixture,sample,stub}.ts',
  '**/{fixtures,testing,scenarios}/**',
  'services/e2e/**',
];

// In a command line, in what starts other programs and in a test, the environment is an input like any other.
const MAY_READ_ENVIRONMENT = [
  'services/platform/config*.ts',
  'services/local/**',
  'scripts/**',
  'operators/control-plane/**',
  ...TEST_CODE,
];

export default tseslint.config(
  { ignores: ['**/node_modules/', '**/dist/', '.onsale/', '.tap/', '**/*.js', '**/*.cjs', '**/*.mjs'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-implicit-coercion': 'error',
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: SETTINGS }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:process', importNames: ['env', 'default'], message: SETTINGS },
            { name: 'process', message: SETTINGS },
          ],
        },
      ],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          // tap waits for its own tests; every other promise is awaited, returned or marked void.
          allowForKnownSafeCalls: [{ from: 'package', package: '@tapjs/test', name: ['test'] }],
        },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // A handler may be async because its signature says so.
      '@typescript-eslint/require-await': 'off',
      // What is written as a method in an interface is a closure here, free of `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: MAY_READ_ENVIRONMENT,
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' },
  },
  {
    // What a test reads off the wire is checked by its assertions.
    files: TEST_CODE,
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // Command lines talk to people on standard output.
    files: [
      'scripts/**',
      'services/local/**',
      'services/e2e/**',
      'operators/control-plane/**',
      'loadtest/**',
      '**/*.test.ts',
    ],
    rules: { 'no-console': 'off' },
  },
);
