/** Something that `docket <name>` does. */
export interface Command {
  /** One line of `docket --help`. */
  summary: string;
  /** What may follow the name, for `--help`; without it, nothing may. */
  usage?: string;
  /** Its first argument chooses one of several, which answer `--help` themselves. */
  isGroup?: true;
  /** @throws CommandError, ConfigError and other errors with a sentence for the operator */
  run(args: string[]): Promise<void>;
}

/** A failure that one sentence explains. */
export class CommandError extends Error {
  /** What the process ends with. */
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The command was called in a way that it does not know. */
export class UsageError extends CommandError {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { ...options, exitCode: 2 });
    this.name = 'UsageError';
  }
}
