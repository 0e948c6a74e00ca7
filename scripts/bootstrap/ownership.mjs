import {
  accessSync,
  constants,
  existsSync,
  lchownSync,
  lstatSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { BootstrapError } from './error.mjs';

/** Fails when this user may not install into the clone at `root`. */
export function assertWritable(root) {
  for (const directory of [root, join(root, 'node_modules'), join(root, '.cache')]) {
    if (!existsSync(directory)) continue;
    try {
      accessSync(directory, constants.W_OK);
    } catch {
      throw new BootstrapError(
        `${directory} can't be written and something in it is missing or out of date: start once as its owner (user id ${statSync(directory).uid}), or make a clone of your own.`,
      );
    }
  }
}

/** Gives what root made below `path` to the owner of the clone, who could not replace it otherwise. */
export function giveToOwner(root, path) {
  const { uid, gid } = statSync(root);
  if (process.getuid?.() !== 0 || uid === 0) return;
  chownTree(path, uid, gid);
}

function chownTree(path, uid, gid) {
  const stat = lstatSync(path);
  if (stat.uid !== uid) lchownSync(path, uid, gid);
  if (!stat.isDirectory()) return;
  for (const name of readdirSync(path)) chownTree(join(path, name), uid, gid);
}
