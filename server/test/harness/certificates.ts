import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  /** The authority to trust. */
  root: string;
  /** An authority that signed nothing here. */
  otherRoot: string;
  certificate: string;
  key: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority in `directory`, a certificate of it for `localhost` alone, and a stranger. */
export function makeCertificates(directory: string): Certificates {
  const at = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  for (const name of ['root', 'other']) {
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)];
    openssl('req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=${name}`, ...files);
  }
  const request = at('server.csr');
  openssl(
    'req',
    ...NEW_KEY,
    '-subj',
    '/CN=localhost',
    '-keyout',
    at('server.key'),
    '-out',
    request,
  );
  writeFileSync(at('server.ext'), 'subjectAltName=DNS:localhost\n');
  const signer = ['-CA', at('root.crt'), '-CAkey', at('root.key'), '-CAcreateserial'];
  const result = ['-days', '2', '-extfile', at('server.ext'), '-out', at('server.crt')];
  openssl('x509', '-req', '-in', request, ...signer, ...result);
  return {
    root: at('root.crt'),
    otherRoot: at('other.crt'),
    certificate: at('server.crt'),
    key: at('server.key'),
  };
}
