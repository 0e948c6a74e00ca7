import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { COMMANDS } from '../../server/src/commands/commands.ts';
import { SETTINGS } from '../../server/src/config/settings.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENTS = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT }).sort();

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const CODE = /`([^`\n]+)`/g;
/** A path of the project; with a placeholder in it, it names no file. */
const PATH =
  /^(server|web|scripts|docs|deploy|e2e|bench|openapi|\.ci|\.github)\/[\w./-]*$|^[\w.-]+\.(json|yml|md)$/;
/** Made by a build, a run or a person. */
const MADE_LATER = ['web/dist/'];
const NPM_RUN = /npm run ([\w:-]+)/g;
const DOCKET = /npm run docket -- ([a-z][a-z-]*)/g;

/** A heading as the address that links use for it. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s-]/gu, '');
  return words.trim().replaceAll(/\s/g, '-');
}

function anchorsIn(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading]) => anchorOf(heading ?? ''));
}

function isBroken(document: string, target: string): boolean {
  if (/^https?:/.test(target)) return false;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, document) : join(ROOT, dirname(document), path);
  if (!existsSync(file) || relative(ROOT, file).startsWith('..')) return true;
  return anchor !== undefined && !anchorsIn(file).includes(anchor);
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name ?? '');
}

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');

  test('has links that lead somewhere', () => {
    expect(namesIn(text, LINK).filter((target) => isBroken(document, target))).toEqual([]);
  });

  test('names files that exist', () => {
    const paths = namesIn(text, CODE).filter((code) => PATH.test(code));
    const missing = paths.filter((path) => {
      const isThere = [ROOT, join(ROOT, dirname(document))].some((at) =>
        existsSync(join(at, path)),
      );
      return !isThere && !MADE_LATER.includes(path.endsWith('/') ? path : `${path}/`);
    });
    expect(missing).toEqual([]);
  });

  test('shows npm scripts and commands that exist', () => {
    const scripts = namesIn(text, NPM_RUN).filter((name) => !(name in packageJson.scripts));
    const commands = namesIn(text, DOCKET).filter((name) => !(name in COMMANDS));
    expect([...scripts, ...commands]).toEqual([]);
  });

  test('names settings that exist', () => {
    const variables = namesIn(text, CODE).flatMap(
      (code) => code.match(/\b[A-Z]+(_[A-Z]+)+\b/g) ?? [],
    );
    const known = (name: string) =>
      name in SETTINGS || name.replace(/_FILE$/, '') in SETTINGS || name === 'CONFIG_FILE';
    const isSetting = (name: string) =>
      /^(DATABASE|SECRET|PUBLIC|DATA|TRUSTED|LOG|METRICS)_/.test(name);
    expect(variables.filter(isSetting).filter((name) => !known(name))).toEqual([]);
  });
});

describe('the documents', () => {
  test('are there', () => {
    expect(DOCUMENTS).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md']));
    expect(DOCUMENTS.length).toBeGreaterThan(10);
  });

  test('list every decision in the tour', () => {
    const tour = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
    const decisions = DOCUMENTS.filter((path) => path.startsWith('docs/decisions/'));
    expect(decisions.filter((path) => !tour.includes(relative('docs', path)))).toEqual([]);
  });
});
