import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ERROR_CODES } from '../src/errors.ts';
import { AUDIT_ACTIONS } from '../src/modules/audit/audit-actions.ts';

const SERVER = join(import.meta.dirname, '..');
const LISTS = new Set(['src/errors.ts', 'src/modules/audit/audit-actions.ts']);

const files = globSync(['src/**/*.ts', 'test/**/*.ts'], { cwd: SERVER })
  .filter((path) => !LISTS.has(path))
  .map((path) => ({ path, text: readFileSync(join(SERVER, path), 'utf8') }));
const [tests, sources] = [
  files.filter(({ path }) => path.endsWith('.test.ts')),
  files.filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts')),
];

const isIn = (word: string) => sources.some(({ text }) => text.includes(`'${word}'`));
const isTested = (word: string) => tests.some(({ text }) => text.includes(word));

test('every error code is an answer that somebody can get', () => {
  expect(Object.keys(ERROR_CODES).filter((code) => !isIn(code))).toEqual([]);
});

test('every action of the audit log is written somewhere, and a test looks for it', () => {
  expect(AUDIT_ACTIONS.filter((action) => !isIn(action))).toEqual([]);
  expect(AUDIT_ACTIONS.filter((action) => !isTested(action))).toEqual([]);
});
