import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;
const HEARTBEAT_MS = 2_000;
/** A process id may be in use by something else by now: without a heartbeat for this long a lock is stale. */
const STALE_MS = 30_000;

/** Runs `work` while no other bootstrap of this clone runs; waits for one that does. */
export async function withLock(file, say, work) {
  let hasSaid = false;
  while (!tryLock(file)) {
    if (!hasSaid) say('Another start is preparing this clone; waiting for it.');
    hasSaid = true;
    await sleep(POLL_MS);
  }
  const heartbeat = setInterval(() => utimesSync(file, new Date(), new Date()), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(file, { force: true });
  }
}

function tryLock(file) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${process.pid}\n`);
  try {
    linkSync(draft, file); // the name appears with its content, or not at all
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    removeIfStale(file);
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moves a stale lock away first and looks again, so that a lock taken meanwhile can be put back. */
function removeIfStale(file) {
  if (!isStale(file)) return;
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
    if (!isStale(aside)) linkSync(aside, file);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(error.code)) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isStale(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return !isAlive(pid) || Date.now() - statSync(file).mtimeMs > STALE_MS;
  } catch (error) {
    if (error.code === 'ENOENT') return false; // released meanwhile
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
