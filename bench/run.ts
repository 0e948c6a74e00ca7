import { parseArgs } from 'node:util';
import { auditedAct } from './audited-act.ts';
import { type LoadRequest, type LoadResult, load } from './load.ts';
import { median } from './median.ts';
import { type Bench, type BenchUser, prepare, type Server } from './setup.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const ROUNDS = Number(options.rounds);
const SECONDS = Number(options.seconds);
const WARM_UP_SECONDS = 3;
const USER_COUNT = 1000;
const TASKS_PER_USER = 100;
const TOKEN_COUNT = 50;

/** The same request to Docket and to the floor. */
interface Scenario {
  name: string;
  docket: (user: BenchUser) => LoadRequest;
  floor: (user: BenchUser) => LoadRequest;
}

interface Row {
  name: string;
  docket_rps: number;
  floor_rps: number;
  ratio: number;
  p95_ms: number;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const NEW_TASK = JSON.stringify({ title: 'Water the plants on the balcony' });
const signedIn = (user: BenchUser) => ({ authorization: `Bearer ${user.accessToken}` });
const named = (user: BenchUser) => ({ 'x-user': user.id });

const SCENARIOS: Scenario[] = [
  {
    name: 'list of 20 tasks',
    docket: (u) => ({ method: 'GET', path: '/api/v1/tasks?limit=20', headers: signedIn(u) }),
    floor: (u) => ({ method: 'GET', path: '/tasks', headers: named(u) }),
  },
  {
    name: 'read one task',
    docket: (u) => ({ method: 'GET', path: `/api/v1/tasks/${u.taskId}`, headers: signedIn(u) }),
    floor: (u) => ({ method: 'GET', path: `/tasks/${u.taskId}`, headers: named(u) }),
  },
  {
    name: 'create one task',
    docket: (u) => ({
      method: 'POST',
      path: '/api/v1/tasks',
      headers: { ...signedIn(u), ...JSON_TYPE },
      body: NEW_TASK,
    }),
    floor: (u) => ({
      method: 'POST',
      path: '/tasks',
      headers: { ...named(u), ...JSON_TYPE },
      body: NEW_TASK,
    }),
  },
];

/** The same tasks by the API of older servers and by this server's own, which takes the floor's place. */
const COMPATIBILITY: Scenario = {
  name: 'compatibility list of 100 tasks',
  docket: (u) => ({ method: 'GET', path: '/api/tasks?limit=100', headers: signedIn(u) }),
  floor: (u) => ({ method: 'GET', path: '/api/v1/tasks?limit=100', headers: signedIn(u) }),
};

const bench = await prepare(USER_COUNT, TASKS_PER_USER, TOKEN_COUNT);
try {
  const rows: Row[] = [];
  const wanted = (name: string) => !options.only || name.includes(options.only);
  await withServer(
    () => bench.start('bench/floor.ts', [bench.servingUrl, '{port}']),
    (floor) =>
      withServer(
        () => bench.start('server/src/main.ts', ['serve']),
        async (docket) => {
          if (wanted(COMPATIBILITY.name)) {
            rows.push(await compare(COMPATIBILITY, docket.port, docket.port));
          }
          for (const scenario of SCENARIOS.filter(({ name }) => wanted(name))) {
            rows.push(await compare(scenario, docket.port, floor.port));
          }
        },
      ),
  );
  if (wanted('token check')) rows.push(await measureTokenCheck(bench));
  if (wanted('revocation check')) rows.push(await measureRevocationCheck(bench));
  if (wanted('audited act')) rows.push(await measureAuditedAct(bench));
  print(rows);
} finally {
  await bench.close();
}

async function withServer<T>(start: () => Promise<Server>, work: (server: Server) => Promise<T>) {
  const server = await start();
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** The same request to both. */
async function compare(scenario: Scenario, docketPort: number, floorPort: number): Promise<Row> {
  const docketRequests = bench.users.map(scenario.docket);
  const floorRequests = bench.users.map(scenario.floor);
  return alternate(
    scenario.name,
    (seconds) => load(docketPort, docketRequests, seconds),
    (seconds) => load(floorPort, floorRequests, seconds),
  );
}

/** A changed name with its event in the audit log and without, in the same database, no HTTP around it. */
async function measureAuditedAct({ servingUrl, owner }: Bench): Promise<Row> {
  const { rows } = await owner.query<{ id: string }>('select id from users order by id');
  const ids = rows.map(({ id }) => id);
  const acts = auditedAct(servingUrl, ids);
  try {
    const run = (isAudited: boolean) => (seconds: number) => acts.run(isAudited, seconds);
    return await alternate('audited act', run(true), run(false));
  } finally {
    await acts.close();
  }
}

type Measured = (seconds: number) => Promise<LoadResult>;

/** Alternates between the two, so that whatever else the machine does strikes both. */
async function alternate(name: string, one: Measured, other: Measured): Promise<Row> {
  await one(WARM_UP_SECONDS);
  await other(WARM_UP_SECONDS);
  const docket: LoadResult[] = [];
  const floor: LoadResult[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    docket.push(await one(SECONDS));
    floor.push(await other(SECONDS));
  }
  const docketRps = median(docket.map(({ rps }) => rps));
  const floorRps = median(floor.map(({ rps }) => rps));
  return {
    name,
    docket_rps: Math.round(docketRps),
    floor_rps: Math.round(floorRps),
    ratio: round3(median(docket.map(({ rps }, i) => rps / (floor[i]?.rps ?? Number.NaN)))),
    p95_ms: median(docket.map(({ p95Ms }) => p95Ms)),
  };
}

/** A route that does nothing, with the token check and without: here the floor is Docket itself. */
async function measureTokenCheck({ start }: Bench): Promise<Row> {
  const server = await start('bench/token-server.ts');
  const scenario: Scenario = {
    name: 'token check',
    docket: (u) => ({ method: 'GET', path: '/bench/signed-in', headers: signedIn(u) }),
    floor: (u) => ({ method: 'GET', path: '/bench/open', headers: signedIn(u) }),
  };
  try {
    return await compare(scenario, server.port, server.port);
  } finally {
    await server.stop();
  }
}

/** Reading a task with and without asking whether session and account still stand. */
async function measureRevocationCheck({ start, users }: Bench): Promise<Row> {
  const read = SCENARIOS.find(({ name }) => name === 'read one task') as Scenario;
  const requests = users.map(read.docket);
  return await withServer(
    () => start('bench/token-server.ts'),
    ({ port }) => {
      const run = (way: 'on' | 'off') => async (seconds: number) => {
        await fetch(`http://127.0.0.1:${port}/bench/revocation/${way}`);
        return load(port, requests, seconds);
      };
      return alternate('revocation check', run('on'), run('off'));
    },
  );
}

function print(rows: Row[]): void {
  if (options.json) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
  } else {
    console.table(Object.fromEntries(rows.map(({ name, ...figures }) => [name, figures])));
  }
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
