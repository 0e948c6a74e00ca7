import { Configuration } from 'openid-client';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { until } from '../../../test/harness/until.ts';
import { Discovery } from './discovery.ts';

const FOUND = new Configuration({ issuer: 'https://issuer.example' }, 'docket');
const MINUTE_MS = 60_000;

let nowMs: number;
let requests: number;
let answer: () => Promise<Configuration>;
let changes: boolean[];
let discovery: Discovery;

beforeEach(() => {
  nowMs = 0;
  requests = 0;
  changes = [];
  answer = async () => FOUND;
  discovery = new Discovery({
    discover() {
      requests += 1;
      return answer();
    },
    onChange: (isUp) => void changes.push(isUp),
    now: () => nowMs,
  });
});

const fail = () => Promise.reject(new Error('away'));
const never = () => new Promise<Configuration>(() => undefined);

describe('what a provider publishes', () => {
  test('is asked for once, however many want it at once', async () => {
    const found = await Promise.all(Array.from({ length: 20 }, () => discovery.get()));
    expect(found).toEqual(Array(20).fill(FOUND));
    expect(requests).toBe(1);
  });

  test('is renewed after five minutes, behind the back of whoever asks', async () => {
    await discovery.get();
    nowMs = 5 * MINUTE_MS - 1;
    await discovery.get();
    expect(requests).toBe(1);
    const newer = new Configuration({ issuer: 'https://issuer.example' }, 'docket');
    let isDone = false;
    answer = async () => {
      isDone = true;
      return newer;
    };
    nowMs += 1;
    expect(await discovery.get()).toBe(FOUND);
    await until(() => isDone);
    expect(await discovery.get()).toBe(newer);
    expect(requests).toBe(2);
  });

  test('serves on while the provider is away', async () => {
    await discovery.get();
    answer = fail;
    nowMs = 60 * MINUTE_MS;
    expect(await discovery.get()).toBe(FOUND);
    await until(() => changes.length > 0);
    expect(await discovery.get()).toBe(FOUND);
    expect(await discovery.isAvailable()).toBe(false);
  });
});

describe('a provider that is away', () => {
  beforeEach(() => {
    answer = fail;
  });

  test('is not asked again for thirty seconds', async () => {
    await expect(discovery.get()).rejects.toThrow('away');
    nowMs = 29_999;
    await expect(discovery.get()).rejects.toThrow('away');
    expect(await discovery.isAvailable()).toBe(false);
    expect(requests).toBe(1);
    nowMs = 30_000;
    answer = async () => FOUND;
    expect(await discovery.get()).toBe(FOUND);
    expect(await discovery.isAvailable()).toBe(true);
  });

  test('is told once, and once that it is back', async () => {
    for (nowMs = 0; nowMs < 5 * MINUTE_MS; nowMs += 31_000) {
      await discovery.get().catch(() => undefined);
    }
    expect(changes).toEqual([false]);
    answer = async () => FOUND;
    await discovery.get();
    expect(changes).toEqual([false, true]);
  });

  test('comes back by itself while somebody looks at the list', async () => {
    expect(await discovery.isAvailable()).toBe(false);
    answer = async () => FOUND;
    nowMs = 30_000;
    expect(await discovery.isAvailable()).toBe(false);
    await until(() => changes.includes(true));
    expect(await discovery.isAvailable()).toBe(true);
  });

  test('and silent is waited for a second, by the first who look and by nobody else', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      answer = never;
      const first = [discovery.isAvailable(), discovery.isAvailable()];
      nowMs = 600;
      const later = discovery.isAvailable();
      await vi.advanceTimersByTimeAsync(400);
      expect(await later).toBe(false);
      await vi.advanceTimersByTimeAsync(600);
      expect(await Promise.all(first)).toEqual([false, false]);
      nowMs = 1200;
      const last = discovery.isAvailable();
      await vi.advanceTimersByTimeAsync(0);
      expect(await last).toBe(false);
      expect(requests).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test('elsewhere counts as away until it has been asked again, which is not put off', async () => {
    answer = async () => FOUND;
    await discovery.get();
    discovery.noteFailure(new Error('away'));
    expect(await discovery.isAvailable()).toBe(false);
    nowMs = 20_000;
    discovery.noteFailure(new Error('away'));
    nowMs = 30_000;
    await discovery.isAvailable();
    await until(() => changes.includes(true));
    expect(await discovery.isAvailable()).toBe(true);
    expect(requests).toBe(2);
  });
});
