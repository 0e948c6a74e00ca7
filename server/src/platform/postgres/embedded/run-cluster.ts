import { resolveAccount } from './account.ts';
import { findPackagedBinaries, usableBinDir } from './binaries.ts';
import { type Cluster, clusterDirOf, ensureCluster } from './cluster.ts';
import { endWithProcess } from './exit-guard.ts';
import { type Holder, readHolder, writeHolder } from './holder.ts';
import { keepLogsBounded } from './log-files.ts';
import { readPostmasterFile, startPostmaster } from './postmaster.ts';
import { endClusterProcesses, sendSignal } from './processes.ts';
import { ensureRolesAndDatabase } from './roles.ts';
import { writeSettings } from './settings.ts';
import { createSocketDir, removeSocketDir } from './socket-dir.ts';
import { type EmbeddedPostgresLog, type Supervisor, supervise } from './supervisor.ts';

/** A cluster that this process started and answers for. */
export interface RunningCluster {
  socketDir: string;
  postmasterPid(): number;
  stop(): Promise<void>;
}

/**
 * Brings the cluster in `dataDir` up, from whatever state an earlier run left, and keeps it up until `stop`.
 * Only the holder of the data directory's lock may call this.
 * @throws EmbeddedPostgresError with a sentence for the operator
 */
export async function runCluster(
  dataDir: string,
  role: Holder['role'],
  log: EmbeddedPostgresLog,
): Promise<RunningCluster> {
  const previous = readHolder(dataDir);
  writeHolder(dataDir, { pid: process.pid, role, socketDir: null });
  const directory = clusterDirOf(dataDir);
  const account = resolveAccount(directory);
  const binDir = usableBinDir(findPackagedBinaries(), account, dataDir);
  await endLeftovers(directory, log);
  if (previous?.socketDir) removeSocketDir(previous.socketDir);
  const cluster = { directory, binDir, account };
  const { isNew } = await ensureCluster(cluster);
  if (isNew) log('info', 'Created the database', { directory });
  const socketDir = createSocketDir(account);
  try {
    const running = await launch(cluster, socketDir, log);
    writeHolder(dataDir, { pid: process.pid, role, socketDir });
    return running;
  } catch (error) {
    removeSocketDir(socketDir);
    throw error;
  }
}

/** What a killed server or a killed postmaster left running would keep the new one from the data. */
async function endLeftovers(clusterDir: string, log: EmbeddedPostgresLog): Promise<void> {
  const postmasterPid = readPostmasterFile(clusterDir)?.pid ?? null;
  const count = await endClusterProcesses(clusterDir, postmasterPid);
  if (count > 0) log('warn', 'Ended PostgreSQL processes of an earlier run', { count });
}

async function launch(
  cluster: Cluster,
  socketDir: string,
  log: EmbeddedPostgresLog,
): Promise<RunningCluster> {
  const start = () => {
    writeSettings(cluster.directory, socketDir, cluster.account);
    return startPostmaster(cluster);
  };
  const first = await start();
  const supervisor = supervise(cluster.directory, first, start, log);
  const running = stoppable(cluster.directory, socketDir, supervisor);
  try {
    await first.ready;
    await ensureRolesAndDatabase(socketDir);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

function stoppable(clusterDir: string, socketDir: string, supervisor: Supervisor): RunningCluster {
  const stopPruning = keepLogsBounded(clusterDir);
  const liftGuard = endWithProcess(leave, stop);

  function leave(): void {
    sendSignal(supervisor.postmasterPid(), 'SIGINT');
    removeSocketDir(socketDir);
  }

  async function stop(): Promise<void> {
    stopPruning();
    await supervisor.stop();
    liftGuard();
    removeSocketDir(socketDir);
  }

  return { socketDir, postmasterPid: supervisor.postmasterPid, stop };
}
