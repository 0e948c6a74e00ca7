import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type Log = Logger;

/** Fields that must not reach a log wherever they turn up; values are replaced. */
const SECRET_PATHS = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  '*.authorization',
  '*.cookie',
  '*.password',
  '*.token',
  '*.secret',
];

/** Log lines are collected up to this size before they are written, at most for a second. */
const BUFFER_BYTES = 32_768;
const FLUSH_EVERY_MS = 1000;

/** JSON lines on standard output, or on `stream`; times in RFC 3339. */
export function createLog(level: string, stream?: DestinationStream): Log {
  const options = {
    level,
    timestamp: timeField,
    formatters: { level: (label: string) => ({ level: label }) },
    base: { pid: process.pid },
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
  };
  if (stream) return pino(options, stream);
  const maxWrite = 2 * BUFFER_BYTES;
  const output = destination({ sync: false, minLength: BUFFER_BYTES, maxWrite });
  setInterval(() => output.flush(), FLUSH_EVERY_MS).unref();
  return pino(options, output);
}

/**
 * A log for lines whose fields are fixed and hold no secret: looking for some costs more than
 * writing the line.
 */
export function withoutRedaction(log: Log): Log {
  return log.child({}, { redact: [] });
}

let fieldMs = 0;
let field = '';

/** The time as a field; lines of one millisecond share it. */
function timeField(): string {
  const nowMs = Date.now();
  if (nowMs !== fieldMs) {
    fieldMs = nowMs;
    field = `,"time":"${new Date(nowMs).toISOString()}"`;
  }
  return field;
}
