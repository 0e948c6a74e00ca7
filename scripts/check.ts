import { runNode } from './run-program.ts';

interface Check {
  name: string;
  args: string[];
}

const BIOME = 'node_modules/@biomejs/biome/bin/biome';
const TSC = 'node_modules/typescript7/bin/tsc';

const CHECKS: Check[] = [
  {
    name: 'format and lint',
    args: [BIOME, 'check', '--error-on-warnings', '--max-diagnostics=10', '.'],
  },
  { name: 'types of server, scripts and tests', args: [TSC, '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types of the page', args: [TSC, '--noEmit', '-p', 'web/tsconfig.json'] },
  { name: 'types of the tests in the browser', args: [TSC, '--noEmit', '-p', 'e2e/tsconfig.json'] },
  { name: 'dependency rule', args: ['scripts/check-imports.ts'] },
  { name: 'generated files', args: ['scripts/generate.ts', '--check'] },
  { name: 'API description', args: ['scripts/check-openapi.ts'] },
];

/** Runs every check without tests, prints a line for each, and answers how many passed and failed. */
export async function runChecks(): Promise<{ passed: number; failed: number }> {
  const counts = { passed: 0, failed: 0 };
  for (const { name, args } of CHECKS) {
    const startedAt = performance.now();
    const { code, output } = await runNode(args);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    if (code !== 0) console.log(output);
    counts[code === 0 ? 'passed' : 'failed'] += 1;
  }
  return counts;
}

if (import.meta.main) {
  const { failed } = await runChecks();
  if (failed > 0) process.exitCode = 1;
}
