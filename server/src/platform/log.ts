import { type DestinationStream, destination, type Logger, pino, symbols } from 'pino';

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

/** Lines are collected until there are so many, at most for a second, and written in one piece. */
const LINES_PER_WRITE = 100;
const FLUSH_EVERY_MS = 1000;

/** JSON lines on standard output, or on `stream`; times in RFC 3339. */
export function createLog(level: string, stream?: DestinationStream): Log {
  const options = {
    level,
    timestamp: () => `,"time":"${timeText()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    base: { pid: process.pid },
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
  };
  if (stream) return pino(options, stream);
  return pino(options, collectingOutput());
}

/**
 * Standard output that is written to seldom. The stream of `pino` can wait as well, but measures
 * all that it holds again with every line.
 */
function collectingOutput(): DestinationStream {
  const output = destination({ sync: false });
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0) output.write(lines.join(''));
    lines = [];
  };
  setInterval(flush, FLUSH_EVERY_MS).unref();
  process.once('exit', () => {
    flush();
    output.flushSync();
  });
  return {
    write(line: string) {
      if (lines.push(line) >= LINES_PER_WRITE) flush();
    },
  };
}

/**
 * Writes lines at level `info` that look like all others, from members of a JSON object that are
 * JSON already. For lines that every request writes: their fields are fixed and hold no secret, and
 * looking for some costs more than the line.
 */
export function infoLines(log: Log): (members: string, message: string) => void {
  const stream = (log as unknown as Record<symbol, DestinationStream>)[symbols.streamSym];
  if (!stream) throw new Error('the log writes nowhere');
  const { pid } = process;
  return (members, message) => {
    if (!log.isLevelEnabled('info')) return;
    stream.write(
      `{"level":"info","time":"${timeText()}","pid":${pid},${members},"msg":"${message}"}\n`,
    );
  };
}

let timeMs = 0;
let text = '';

/** RFC 3339; lines of one millisecond share it. */
function timeText(): string {
  const nowMs = Date.now();
  if (nowMs !== timeMs) {
    timeMs = nowMs;
    text = new Date(nowMs).toISOString();
  }
  return text;
}
