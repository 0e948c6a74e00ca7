import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { countLine, readPlaywrightReport, readVitestReport, sumOf } from './counts.ts';

const directory = mkdtempSync(join(tmpdir(), 'docket-counts-'));
afterAll(() => rmSync(directory, { recursive: true }));

function reportOf(content: object): string {
  const path = join(directory, 'report.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe('the count of a test run', () => {
  test('adds up all parts, and names skipped tests only if there are any', () => {
    const parts = [
      { passed: 400, failed: 0, skipped: 0 },
      { passed: 12, failed: 1, skipped: 0 },
    ];
    expect(countLine(sumOf(parts))).toBe('412 passed, 1 failed');
    expect(countLine({ passed: 1, failed: 0, skipped: 2 })).toBe('1 passed, 0 failed, 2 skipped');
  });

  test('a run that failed without a failed test counts as one failure', () => {
    const path = reportOf({ numPassedTests: 9, numFailedTests: 0, numPendingTests: 1 });
    expect(readVitestReport(path, 0)).toEqual({ passed: 9, failed: 0, skipped: 1 });
    expect(readVitestReport(path, 1)).toEqual({ passed: 9, failed: 1, skipped: 1 });
    expect(readVitestReport(path, null)).toMatchObject({ failed: 1 });
  });

  test('no report, and a report of no tests, are failures', () => {
    expect(readVitestReport(join(directory, 'absent'), 0)).toMatchObject({ passed: 0, failed: 1 });
    expect(readPlaywrightReport(reportOf({ stats: {} }), 0)).toMatchObject({ failed: 1 });
  });

  test('a test in the browser that passed only when repeated has failed', () => {
    const path = reportOf({ stats: { expected: 5, unexpected: 0, flaky: 1, skipped: 0 } });
    expect(readPlaywrightReport(path, 0)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });
});
