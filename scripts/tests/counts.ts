import { readFileSync } from 'node:fs';

/** How the tests of one part ended. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Adds up; no parts are no tests. */
export function sumOf(parts: Counts[]): Counts {
  return parts.reduce(
    (sum, part) => ({
      passed: sum.passed + part.passed,
      failed: sum.failed + part.failed,
      skipped: sum.skipped + part.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** `12 passed, 0 failed`, with the skipped ones if there are any. */
export function countLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Reads the JSON report of Vitest; a run that ended badly never counts as passed. */
export function readVitestReport(path: string, exitCode: number | null): Counts {
  const report = readReport(path);
  return withOutcome(exitCode, {
    passed: numberIn(report, 'numPassedTests'),
    failed: numberIn(report, 'numFailedTests'),
    skipped: numberIn(report, 'numPendingTests') + numberIn(report, 'numTodoTests'),
  });
}

/** Reads the JSON report of Playwright; a test that passed only when repeated has failed. */
export function readPlaywrightReport(path: string, exitCode: number | null): Counts {
  const { stats } = readReport(path) as { stats?: Record<string, unknown> };
  return withOutcome(exitCode, {
    passed: numberIn(stats, 'expected'),
    failed: numberIn(stats, 'unexpected') + numberIn(stats, 'flaky'),
    skipped: numberIn(stats, 'skipped'),
  });
}

/** A run can fail without a failed test: by its coverage, by a file that cannot be read, by a crash. */
function withOutcome(exitCode: number | null, counts: Counts): Counts {
  const isUnexplained = exitCode !== 0 || counts.passed + counts.skipped === 0;
  return isUnexplained && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function readReport(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}

function numberIn(report: Record<string, unknown> | undefined, name: string): number {
  const value = report?.[name];
  return typeof value === 'number' ? value : 0;
}
