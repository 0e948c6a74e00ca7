import type { KeyObject } from 'node:crypto';
import { parseArgs } from 'node:util';
import { deriveKeys } from '../config/secrets.ts';
import type { Place } from '../modules/audit/audit-chain.ts';
import {
  publicKeyOf,
  publicKeyText,
  readPublicKey,
} from '../modules/audit/checkpoint-signature.ts';
import { type Fault, type Verdict, verifyAuditLog } from '../modules/audit/verify-audit-log.ts';
import { writeCheckpoint } from '../modules/audit/write-checkpoint.ts';
import { type Command, CommandError, UsageError } from './command.ts';
import { commandGroup } from './command-group.ts';
import { foundationOf, openDatabase, readConfig } from './foundation.ts';
import { withContext } from './with-context.ts';

const COULD_NOT_VERIFY = 2;

const EXPLANATIONS: Record<Fault, string> = {
  position: 'this event is missing, or another stands in its place',
  previous_hash: 'it does not follow the event before it, one of the two was changed',
  hash: 'it was changed',
  origin: 'its address and device were changed',
  subject: 'what is personal in it was changed',
  checkpoint_signature:
    'its checkpoint was not signed with the key of this SECRET_KEY, nor with one given by --public-key',
  checkpoint: 'this or an earlier event was changed, and every hash since then computed anew',
  truncated:
    'events from here on are missing: a checkpoint, or a place given by --known, lies beyond',
};

const verify: Command = {
  summary: 'Verify every event; exits with 0 if all fit, with 1 if not',
  usage: '[--json] [--known POSITION:HASH]… [--public-key KEY]…',
  async run(args) {
    const many = { type: 'string', multiple: true } as const;
    const { values } = parseArgs({
      args,
      options: { json: { type: 'boolean' }, known: many, 'public-key': many },
    });
    const known = (values.known ?? []).map(placeFrom);
    const formerKeys = (values['public-key'] ?? []).map(keyFrom);
    const options = { known, formerKeys };
    const verdict = await withContext((ctx) => verifyAuditLog(ctx, options)).catch((error) => {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `The audit log could not be verified: ${reason}`;
      throw new CommandError(message, { cause: error, exitCode: COULD_NOT_VERIFY });
    });
    process.stdout.write(`${values.json ? JSON.stringify(recordOf(verdict)) : textOf(verdict)}\n`);
    if (verdict.fault) process.exitCode = 1;
  },
};

const checkpoint: Command = {
  summary: 'Sign what the log is now, and print it for --known',
  async run(args) {
    parseArgs({ args, options: {} });
    const { end } = await withContext(writeCheckpoint).catch((error) => {
      throw new CommandError((error as Error).message, { cause: error });
    });
    process.stdout.write(`${placeText(end)}\n`);
  },
};

const publicKey: Command = {
  summary: 'Print the key that signatures are checked by',
  async run(args) {
    parseArgs({ args, options: {} });
    const { config, log } = readConfig();
    const database = await openDatabase(config, log, 'command');
    const { secretKey } = foundationOf(config, log, database);
    await database.close();
    const key = publicKeyOf(deriveKeys(secretKey).auditCheckpoint);
    process.stdout.write(`${publicKeyText(key)}\n`);
  },
};

export const audit = commandGroup('audit', 'Verify and sign the audit log', {
  verify,
  checkpoint,
  'public-key': publicKey,
});

function recordOf({ checked, end, fault, checkpoint: last }: Verdict) {
  return {
    status: fault ? 'broken' : 'intact',
    checked,
    end: placeText(end),
    first_bad_position: fault?.position ?? null,
    reason: fault?.reason ?? null,
    signed_position: last?.position ?? null,
    signed_at: last?.createdAt ?? null,
  };
}

function textOf({ checked, end, fault, checkpoint: last }: Verdict): string {
  if (fault) {
    const before = `${checked} events fit.`;
    return `${before}\nEvent ${fault.position} does not: ${EXPLANATIONS[fault.reason]} (${fault.reason}).`;
  }
  const signed = last
    ? `Signed up to ${last.position} on ${last.createdAt}.`
    : 'Nothing is signed yet.';
  return `All ${checked} events fit.\n${signed}\nEnd: ${placeText(end)}`;
}

function placeText({ position, hash }: Place): string {
  return `${position}:${hash.toString('hex')}`;
}

function placeFrom(text: string): Place {
  const [, position, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (position === undefined || hash === undefined) {
    throw new UsageError('--known takes a position and its hash, as this command prints them.');
  }
  return { position: Number(position), hash: Buffer.from(hash, 'hex') };
}

function keyFrom(text: string): KeyObject {
  const key = readPublicKey(text);
  if (!key) throw new UsageError('--public-key takes what "docket audit public-key" prints.');
  return key;
}
