/** Something that `docket <name>` does. */
export interface Command {
  /** One line of `docket --help`. */
  summary: string;
  /** What may follow the name, for `--help`. */
  usage?: string;
  /** @throws CommandError, ConfigError and other errors with a sentence for the operator */
  run(args: string[]): Promise<void>;
}

/** A failure that one sentence explains. */
export class CommandError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
  }
}
