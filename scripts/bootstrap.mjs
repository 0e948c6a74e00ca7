// Makes a clone ready to run: installs the packages and builds the web application, each only when needed.
// It runs on the machine's own Node, before anything is installed, and writes to stderr alone.

const OLDEST_NODE = 20;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  console.error(
    `Docket needs Node ${OLDEST_NODE} or newer to start and this is Node ${process.versions.node}: install a newer one from https://nodejs.org.`,
  );
  process.exit(1);
}

const { bootstrap, BootstrapError } = await import('./bootstrap/bootstrap.mjs');

const options = process.argv.slice(2);
const unknown = options.find((option) => !['--no-web', '--quiet'].includes(option));
try {
  if (unknown !== undefined) {
    throw new BootstrapError(`bootstrap knows --no-web and --quiet, not ${unknown}.`);
  }
  await bootstrap({
    repository: new URL('..', import.meta.url),
    withWeb: !options.includes('--no-web'),
    say: options.includes('--quiet') ? () => {} : (line) => console.error(line),
  });
} catch (error) {
  console.error(error instanceof BootstrapError ? error.message : error);
  process.exitCode = 1;
}
