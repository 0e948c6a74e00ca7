import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryLock } from './process-lock.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'docket-lock-'));
  file = join(directory, 'x.lock');
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('tryLock', () => {
  it('gives an exclusive lock to one holder at a time', () => {
    const first = tryLock(file, 'exclusive');
    expect(first).not.toBeNull();
    expect(tryLock(file, 'exclusive')).toBeNull();
    expect(tryLock(file, 'shared')).toBeNull();
    first?.release();
    const next = tryLock(file, 'exclusive');
    expect(next).not.toBeNull();
    next?.release();
  });

  it('gives a shared lock to many, and none of them leaves room for an exclusive one', () => {
    const shared = [tryLock(file, 'shared'), tryLock(file, 'shared')];
    expect(shared).not.toContain(null);
    expect(tryLock(file, 'exclusive')).toBeNull();
    shared[0]?.release();
    expect(tryLock(file, 'exclusive')).toBeNull();
    shared[1]?.release();
    const exclusive = tryLock(file, 'exclusive');
    expect(exclusive).not.toBeNull();
    exclusive?.release();
  });

  it('is lifted when its process is killed, and excludes others until then', async () => {
    const module = join(import.meta.dirname, 'process-lock.ts');
    const script = `const { tryLock } = await import(${JSON.stringify(module)});
      globalThis.held = tryLock(${JSON.stringify(file)}, 'exclusive');
      console.log(held === null ? 'refused' : 'held');
      setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [said] = (await once(other.stdout, 'data')) as [Buffer];
      expect(said.toString().trim()).toBe('held');
      expect(tryLock(file, 'exclusive')).toBeNull();
      expect(readdirSync(directory)).toEqual(['x.lock']);
    } finally {
      other.kill('SIGKILL');
    }
    await once(other, 'exit');
    const lock = tryLock(file, 'exclusive');
    expect(lock).not.toBeNull();
    lock?.release();
  });

  it('keeps its file closed to other users, who could hold the lock', () => {
    tryLock(file, 'exclusive')?.release();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
