/**
 * Whether the time of an answer tells if there is an account: medians of known and unknown
 * addresses, asked in turn, on every route that takes an address from a stranger.
 */
import { median } from './median.ts';
import { prepare } from './setup.ts';

const SAMPLES = 200;
/** Medians further apart than this would tell. */
const MOST_APART = 0.15;
/** Known accounts that are asked in turn. */
const ACCOUNTS = 20;
const PASSWORD = 'correct horse battery staple';
/** Of another password, with the cost of real accounts. */
const HASH = '$2b$12$Jj6nIlOnMelj.6SKv9CGP.TBGS7le7UkJGdDFdE/LN5oW.p.b/dFy';

const ROUTES: Record<string, (email: string) => object> = {
  login: (email) => ({ email, password: 'a wrong password' }),
  register: (email) => ({ email, password: PASSWORD }),
  'password/forgot': (email) => ({ email }),
  'verify/resend': (email) => ({ email }),
};

const bench = await prepare(ACCOUNTS, 1, 1);
await bench.owner.query(
  "update users set password_hash = $1, status = 'unverified', email = email_canonical",
  [HASH],
);
const { rows } = await bench.owner.query<{ email: string }>('select email from users');
const known = rows.map(({ email }) => email);
const server = await bench.start('server/src/main.ts', ['serve', '--no-jobs'], {
  REGISTRATION: 'uniform',
});
let isTelling = false;
try {
  for (const [route, bodyFor] of Object.entries(ROUTES)) {
    const times = { known: [] as number[], unknown: [] as number[] };
    const statuses = new Set<number>();
    const ask = async (kind: keyof typeof times, email: string) => {
      const { ms, status } = await timed(route, bodyFor(email));
      times[kind].push(ms);
      statuses.add(status);
    };
    for (let i = 0; i < SAMPLES; i++) {
      await ask('known', known[i % known.length] ?? '');
      await ask('unknown', `nobody-${route.length}-${i}@example.org`);
    }
    const [here, absent] = [median(times.known), median(times.unknown)];
    const apart = Math.abs(here - absent) / Math.min(here, absent);
    if (apart > MOST_APART || statuses.size !== 1) isTelling = true;
    const verdict = `${(apart * 100).toFixed(1)} % apart, status ${[...statuses].join(' and ')}`;
    console.log(
      `${route}: known ${here.toFixed(1)} ms, unknown ${absent.toFixed(1)} ms, ${verdict}`,
    );
  }
} finally {
  await server.stop();
  await bench.close();
}
if (isTelling) {
  console.error('The answers tell whether there is an account.');
  process.exitCode = 1;
}

async function timed(route: string, body: object): Promise<{ ms: number; status: number }> {
  const startedAt = performance.now();
  const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await answer.arrayBuffer();
  return { ms: performance.now() - startedAt, status: answer.status };
}
