/**
 * Who may import whom: the table of rooms in ARCHITECTURE.md as rules. What a room's list leaves out, it may not import.
 * `npm run lint` and tests/boundaries.test.ts both apply it; every path is a regular expression.
 */

const labData = '^src/labs/[^/]+/lab\\.ts$';
const ui = '(^|/)node_modules/(astro|@astrojs|svelte|monaco-editor)/';

/** Each room and the other parts of this repository that it may import. @type {{ name: string, path: string, may: string[] }[]} */
const rooms = [
  { name: 'emulator', path: '^labs-runtime/emulator/', may: [] },
  { name: 'guests', path: '^labs-runtime/guests/', may: [] },
  { name: 'ft', path: '^labs-runtime/ft/', may: ['^labs-runtime/emulator/'] },
  { name: 'monitor', path: '^labs-runtime/monitor/', may: ['^labs-runtime/(ft|emulator|guests)/'] },
  { name: 'sim', path: '^labs-runtime/sim/', may: ['^labs-runtime/(ft|emulator|guests)/'] },
  { name: 'checks', path: '^labs-runtime/checks/', may: ['^labs-runtime/(sim|ft|emulator|guests)/'] },
  { name: 'labs', path: '^src/labs/', may: ['^labs-runtime/', '^src/components/'] },
  { name: 'components', path: '^src/components/', may: ['^labs-runtime/'] },
  { name: 'workspace', path: '^src/workspace/', may: ['^labs-runtime/', '^src/labs/', '^src/components/'] },
  { name: 'machine-room', path: '^src/machine-room/', may: ['^labs-runtime/', '^src/components/'] },
  { name: 'content', path: '^src/content/', may: ['^src/components/'] },
  { name: 'pages', path: '^src/pages/', may: ['^src/(workspace|machine-room|components|labs)/'] },
  // The page gets its copy of the runtime bundle from the site's build; the command builds the same one itself.
  { name: 'grader', path: '^grader/', may: ['^labs-runtime/', labData, '^src/components/trace/', '^scripts/runtime-bundle\\.ts$'] },
];

/** Everything of ours; the rest is packages and Node's own modules. */
const ours = '^(labs-runtime|src|grader|tests|scripts|bench)/';

const forbidden = [
  ...rooms.map(({ name, path, may }) => ({
    name: `${name}-imports-only-its-rooms`,
    comment: `${name} may import ${may.length === 0 ? 'no other room' : `only ${may.join(', ')}`}: see the table of rooms in ARCHITECTURE.md.`,
    severity: 'error',
    from: { path },
    to: { path: ours, pathNot: [path, ...may] },
  })),
  {
    name: 'runtime-runs-anywhere',
    comment: 'labs-runtime runs unchanged in a page, a worker and Node: let the host pass in what it needs.',
    severity: 'error',
    from: { path: '^labs-runtime/' },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'runtime-has-no-ui',
    comment: 'labs-runtime knows nothing of Astro, Svelte or Monaco.',
    severity: 'error',
    from: { path: '^labs-runtime/' },
    to: { path: ui },
  },
  {
    name: 'lab-data-has-no-ui',
    comment: 'lab.ts is data, so that the command can load it: it may import labs-runtime only.',
    severity: 'error',
    from: { path: labData },
    to: { pathNot: '^labs-runtime/' },
  },
  {
    name: 'labs-code-has-no-ui',
    comment: 'A lab’s TypeScript reaches Node too; only its statement may use components.',
    severity: 'error',
    from: { path: '^src/labs/.*\\.ts$' },
    to: { path: ['^src/components/', ui] },
  },
  {
    name: 'labs-stand-alone',
    comment: 'A lab imports no other lab.',
    severity: 'error',
    from: { path: '^src/labs/([^/]+)/' },
    to: { path: '^src/labs/', pathNot: '^src/labs/$1/' },
  },
  {
    name: 'grader-has-no-ui',
    comment: 'The command starts in Node, without Astro, Svelte or Monaco.',
    severity: 'error',
    from: { path: '^grader/' },
    to: { path: ui },
  },
  {
    name: 'no-import-of-tests',
    comment: 'Solutions, mutants and attacks stay in tests/ and are not shipped.',
    severity: 'error',
    from: { pathNot: '^(tests|bench|scripts)/' },
    to: { path: '^tests/' },
  },
  {
    name: 'no-cycles',
    comment: 'Two files that import each other cannot be read one after the other.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: /** @type {import('dependency-cruiser').IForbiddenRuleType[]} */ (forbidden),
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^tests/fixtures/' },
    // Types count as imports: a room that needs another's types depends on it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.svelte', '.json', '.d.ts'],
    },
  },
};
