import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const INSTALLS = 'Installing packages; the first time this takes about a minute.\n';
const BUILDS = 'Building the web application.\n';
const TIMEOUT_MS = 30_000;

let clone: string;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'docket-clone-'));
  cpSync(import.meta.dirname, join(clone, 'scripts'), { recursive: true });
  mkdirSync(join(clone, 'runtime/bin'), { recursive: true });
  mkdirSync(join(clone, 'web/src'), { recursive: true });
  writeRuntime('ln -sf "$TEST_NODE" bin/node');
  write('package.json', {
    name: 'clone',
    version: '1.0.0',
    devDependencies: { node: 'file:runtime' },
    allowScripts: { node: true },
  });
  write('package-lock.json', {
    name: 'clone',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'clone', version: '1.0.0', devDependencies: { node: 'file:runtime' } },
      'node_modules/node': { resolved: 'runtime', link: true },
      runtime: {
        name: 'node',
        version: process.versions.node,
        dev: true,
        hasInstallScript: true,
        bin: { node: 'bin/node' },
      },
    },
  });
  write('web/package.json', { name: 'web', scripts: { build: 'node build.ts' } });
  write(
    'web/build.ts',
    `import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
    const outDir: string = process.argv[process.argv.indexOf('--outDir') + 1];
    mkdirSync(outDir);
    writeFileSync(outDir + '/index.html', readFileSync('src/page.html'));
    if (readFileSync('src/page.html', 'utf8') === 'broken') throw new Error('the page is broken');`,
  );
  write('web/src/page.html', 'first');
});

afterEach(() => rmSync(clone, { recursive: true }));

function write(path: string, content: unknown): void {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(join(clone, path), text);
}

/** A package `node` that, like the real one, brings its program only in its install step. */
function writeRuntime(preinstall: string): void {
  const { node: version } = process.versions;
  write('runtime/package.json', {
    name: 'node',
    version,
    bin: { node: 'bin/node' },
    scripts: { preinstall },
  });
}

async function start(options: string[] = [], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(clone, 'scripts/bootstrap.mjs'), ...options], {
    cwd: '/',
    env: { ...process.env, TEST_NODE: process.execPath, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

function page(): string {
  return readFileSync(join(clone, 'web/dist/index.html'), 'utf8');
}

describe('bootstrap', () => {
  it(
    'installs and builds a fresh clone, and does nothing the second time',
    async () => {
      expect(await start()).toEqual({ code: 0, said: INSTALLS + BUILDS });
      expect(page()).toBe('first');
      const startedAt = performance.now();
      expect(await start()).toEqual({ code: 0, said: '' });
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      expect(readdirSync(join(clone, '.cache'))).toEqual(['web-stamp.json']);
    },
    TIMEOUT_MS,
  );

  it(
    'builds again when a source or the lockfile changes, and not for a test or a new time',
    async () => {
      await start();
      write('web/src/page.test.ts', 'changed');
      write('web/src/page.html', 'first');
      expect(await start()).toEqual({ code: 0, said: '' });
      write('web/src/page.html', 'second');
      expect(await start()).toEqual({ code: 0, said: BUILDS });
      expect(page()).toBe('second');
      write('package-lock.json', `${readFileSync(join(clone, 'package-lock.json'), 'utf8')}\n`);
      expect(await start()).toEqual({ code: 0, said: INSTALLS + BUILDS });
    },
    TIMEOUT_MS,
  );

  it(
    'builds again when the page is missing or somebody else built it',
    async () => {
      await start();
      write('web/dist/index.html', 'from elsewhere');
      expect((await start()).said).toBe(BUILDS);
      rmSync(join(clone, 'web/dist'), { recursive: true });
      expect((await start()).said).toBe(BUILDS);
      expect(page()).toBe('first');
    },
    TIMEOUT_MS,
  );

  it(
    'leaves the last good page in place when a build fails, and says why',
    async () => {
      await start();
      write('web/src/page.html', 'broken');
      const { code, said } = await start();
      expect(code).toBe(1);
      expect(said).toContain('The web application could not be built:');
      expect(said).toContain('the page is broken');
      expect(page()).toBe('first');
    },
    TIMEOUT_MS,
  );

  it(
    'installs again when an installation was cut off or the runtime is gone',
    async () => {
      await start(['--no-web']);
      expect(existsSync(join(clone, 'web/dist'))).toBe(false);
      unlinkSync(join(clone, 'node_modules/.docket-stamp'));
      expect((await start(['--no-web'])).said).toBe(INSTALLS);
      unlinkSync(join(clone, 'node_modules/.bin/node'));
      expect((await start(['--no-web', '--quiet'])).said).toBe('');
      expect(existsSync(join(clone, 'node_modules/.bin/node'))).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'installs although a setting of npm leaves out install steps and development packages',
    async () => {
      const settings = {
        npm_config_ignore_scripts: 'true',
        npm_config_omit: 'dev',
        NODE_ENV: 'production',
      };
      expect(await start(['--no-web'], settings)).toEqual({ code: 0, said: INSTALLS });
    },
    TIMEOUT_MS,
  );

  it(
    'says so when the packages bring no runtime, or another one than they should',
    async () => {
      writeRuntime('printf "#!/bin/sh\\necho v1.2.3" > bin/node; chmod +x bin/node');
      const other = await start(['--no-web']);
      expect(other.code).toBe(1);
      expect(other.said).toContain(`Docket runs on Node v${process.versions.node}`);
      expect(other.said).toContain('node_modules/.bin/node is v1.2.3');
      expect((await start(['--no-web'])).code).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    "says so when a package is missing and npm's registry can't be reached",
    async () => {
      const lock = JSON.parse(readFileSync(join(clone, 'package-lock.json'), 'utf8'));
      const dependencies = { 'docket-absent': '1.0.0' };
      Object.assign(lock.packages[''], { dependencies });
      lock.packages['node_modules/docket-absent'] = { version: '1.0.0' };
      write('package-lock.json', lock);
      write('package.json', {
        ...JSON.parse(readFileSync(join(clone, 'package.json'), 'utf8')),
        dependencies,
      });
      const { code, said } = await start(['--no-web'], {
        npm_config_registry: 'http://127.0.0.1:9',
        npm_config_fetch_retries: '0',
      });
      expect(code).toBe(1);
      expect(said).toContain("npm's registry can't be reached");
    },
    TIMEOUT_MS,
  );

  it(
    'prepares a clone once when it is started twice at the same time',
    async () => {
      const both = await Promise.all([start(), start()]);
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
      const all = both.map(({ said }) => said).join('');
      expect(all.split(INSTALLS)).toHaveLength(2);
      expect(all.split(BUILDS)).toHaveLength(2);
      expect(all).toContain('Another start is preparing this clone; waiting for it.');
    },
    TIMEOUT_MS,
  );

  it(
    'takes over from a start that was killed',
    async () => {
      mkdirSync(join(clone, '.cache/web-new-1'), { recursive: true });
      const killed = spawn(process.execPath, ['-e', '']);
      await new Promise((resolve) => killed.once('close', resolve));
      write('.cache/bootstrap.lock', `${killed.pid}\n`);
      expect(await start()).toMatchObject({ code: 0 });
      expect(readdirSync(join(clone, '.cache'))).toEqual(['web-stamp.json']);
    },
    TIMEOUT_MS,
  );

  it(
    'waits for a living start and leaves its lock alone',
    async () => {
      mkdirSync(join(clone, '.cache'));
      write('.cache/bootstrap.lock', `${process.pid}\n`);
      const waiting = start(['--no-web']);
      await sleep(1_000);
      expect(existsSync(join(clone, 'node_modules'))).toBe(false);
      unlinkSync(join(clone, '.cache/bootstrap.lock'));
      expect((await waiting).code).toBe(0);
    },
    TIMEOUT_MS,
  );

  it('knows its options', async () => {
    expect(await start(['--fast'])).toEqual({
      code: 1,
      said: 'bootstrap knows --no-web and --quiet, not --fast.\n',
    });
    expect(statSync(join(clone, 'scripts/bootstrap.mjs')).isFile()).toBe(true);
  });
});
