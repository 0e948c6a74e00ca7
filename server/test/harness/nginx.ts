import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './postgres-server.ts';
import { until } from './until.ts';

const PROGRAM = '/usr/sbin/nginx';

/** Whether nginx is installed here. */
export const isNginxPresent = existsSync(PROGRAM);

/** A proxy that spreads requests over several servers, one after the other. */
export interface Nginx {
  url: string;
  stop(): Promise<void>;
}

/** Starts nginx before servers on these ports of this machine. */
export async function startNginx(ports: number[]): Promise<Nginx> {
  const directory = mkdtempSync(join(tmpdir(), 'docket-nginx-'));
  const port = await freePort();
  const servers = ports.map((target) => `server 127.0.0.1:${target};`).join(' ');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  const config = join(directory, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${directory}/pid; error_log ${directory}/error.log;
events { worker_connections 512; }
http {
  access_log off; ${temporary.join(' ')}
  upstream docket { ${servers} keepalive 32; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://docket;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_next_upstream off;
    }
  }
}
`,
  );
  const child = spawn(PROGRAM, ['-p', directory, '-c', config, '-e', `${directory}/error.log`], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended with code ${child.exitCode}`);
    return (await fetch(`${url}/health`).catch(() => null))?.ok ?? false;
  });
  return {
    url,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
