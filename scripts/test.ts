import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChecks } from './check.ts';
import { endProgramsWithThis, ROOT, runNode } from './run-program.ts';
import {
  type Counts,
  countLine,
  readPlaywrightReport,
  readVitestReport,
  sumOf,
} from './tests/counts.ts';
import { findChromium, LEAVABLE, provideSystemPrograms } from './tests/system-programs.ts';

const REPORTS = join(ROOT, '.cache/test-reports');
const PLAYWRIGHT = 'node_modules/@playwright/test/cli.js';
const E2E_CONFIG = 'e2e/playwright.config.ts';

const USAGE = `npm test [-- --without <${LEAVABLE.join(' | ')}>]…`;

async function main(args: string[]): Promise<void> {
  const without = readArguments(args);
  if (without === null) return;
  const missing = await provideSystemPrograms(without);
  if (missing.length > 0) {
    for (const sentence of missing) console.error(sentence);
    process.exitCode = 1;
    return;
  }
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  const startedAt = performance.now();
  const parts: Counts[] = [
    await part('Checks', async () => ({ ...(await runChecks()), skipped: 0 })),
    await part('Server and scripts', testServer),
    await part('In the browser', () => testInBrowser(without.includes('browser'))),
  ];
  const total = sumOf(parts);
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
  console.log(
    `\nAll parts took ${minutes} minutes; reports are in coverage/ and .cache/test-reports/.`,
  );
  console.log(countLine(total));
  if (total.failed > 0) process.exitCode = 1;
}

/** Which programs to do without; null: the call was not understood, which has been said. */
function readArguments(args: string[]): string[] | null {
  try {
    const options = { without: { type: 'string', multiple: true } } as const;
    const without = parseArgs({ args, options }).values.without ?? [];
    const unknown = without.find((name) => !LEAVABLE.some((known) => known === name));
    if (unknown === undefined) return without;
    console.error(`--without does not know ${unknown}.\n${USAGE}`);
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
  }
  process.exitCode = 2;
  return null;
}

async function part(title: string, run: () => Promise<Counts>): Promise<Counts> {
  console.log(`\n== ${title}\n`);
  const counts = await run();
  console.log(`\n${title}: ${countLine(counts)}`);
  return counts;
}

async function testServer(): Promise<Counts> {
  const report = join(REPORTS, 'vitest.json');
  const args = ['run', '--coverage', '--reporter=default', '--reporter=json'];
  const { code } = await runNode(
    ['node_modules/vitest/vitest.mjs', ...args, `--outputFile.json=${report}`],
    { isShown: true },
  );
  return readVitestReport(report, code);
}

async function testInBrowser(isLeftOut: boolean): Promise<Counts> {
  if (isLeftOut) return { passed: 0, failed: 0, skipped: await countBrowserTests() };
  const report = join(REPORTS, 'playwright.json');
  const { code } = await runNode(
    [PLAYWRIGHT, 'test', '-c', E2E_CONFIG, '--reporter=list,json,html'],
    {
      isShown: true,
      env: {
        CHROMIUM_PATH: findChromium() ?? '',
        PLAYWRIGHT_JSON_OUTPUT_NAME: report,
        PLAYWRIGHT_HTML_OUTPUT_DIR: join(REPORTS, 'playwright'),
        PLAYWRIGHT_HTML_OPEN: 'never',
      },
    },
  );
  return readPlaywrightReport(report, code);
}

async function countBrowserTests(): Promise<number> {
  const { output } = await runNode([PLAYWRIGHT, 'test', '-c', E2E_CONFIG, '--list']);
  return Number(/Total: (\d+) tests?/.exec(output)?.[1] ?? 0);
}

endProgramsWithThis();
await main(process.argv.slice(2));
