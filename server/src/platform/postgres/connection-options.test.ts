import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connectionOptions } from './connection-options.ts';

const directory = mkdtempSync(join(tmpdir(), 'docket-tls-'));
const certificate = join(directory, 'root.crt');
writeFileSync(certificate, 'CERTIFICATE');
afterAll(() => rmSync(directory, { recursive: true }));

const URL_BASE = 'postgresql://ann:se%2Fcret@db.example.org:6432/docket';

describe('connectionOptions', () => {
  it('reads the parts of a URL', () => {
    const { config } = connectionOptions(`${URL_BASE}?application_name=me`);
    expect(config).toMatchObject({
      host: 'db.example.org',
      port: 6432,
      user: 'ann',
      password: 'se/cret',
      database: 'docket',
      application_name: 'me',
    });
  });

  it('takes parts as they are', () => {
    const parts = { host: '/run/x', user: 'u', database: 'd' };
    expect(connectionOptions(parts)).toEqual({ config: parts, isTlsOptional: false });
  });

  it('finds Unix sockets in both spellings, without TLS', () => {
    for (const url of ['postgresql://u@/d?host=/run/pg', 'postgresql://u@%2Frun%2Fpg/d']) {
      const { config, isTlsOptional } = connectionOptions(url);
      expect(config).toMatchObject({ host: '/run/pg', database: 'd', user: 'u', ssl: false });
      expect(isTlsOptional).toBe(false);
    }
  });

  it('takes the brackets off IPv6 addresses', () => {
    expect(connectionOptions('postgresql://u@[::1]:5433/d').config.host).toBe('::1');
  });

  it('asks for TLS and goes on without it unless told otherwise, as libpq does', () => {
    for (const url of [URL_BASE, `${URL_BASE}?sslmode=prefer`]) {
      const { config, isTlsOptional } = connectionOptions(url);
      expect(config.ssl).toMatchObject({ rejectUnauthorized: false });
      expect(isTlsOptional).toBe(true);
    }
  });

  it('uses no TLS with disable', () => {
    const { config, isTlsOptional } = connectionOptions(`${URL_BASE}?sslmode=disable`);
    expect(config.ssl).toBe(false);
    expect(isTlsOptional).toBe(false);
  });

  it('insists on TLS with require, and checks the chain once a root is named', () => {
    const plain = connectionOptions(`${URL_BASE}?sslmode=require`);
    expect(plain.config.ssl).toMatchObject({ rejectUnauthorized: false });
    expect(plain.isTlsOptional).toBe(false);
    const rooted = connectionOptions(`${URL_BASE}?sslmode=require&sslrootcert=${certificate}`);
    expect(rooted.config.ssl).toMatchObject({ rejectUnauthorized: true, ca: 'CERTIFICATE' });
    expect(rooted.config.ssl).toHaveProperty('checkServerIdentity');
  });

  it('checks the chain with verify-ca and the name as well with verify-full', () => {
    const ca = connectionOptions(`${URL_BASE}?sslmode=verify-ca&sslrootcert=${certificate}`);
    expect(ca.config.ssl).toMatchObject({ rejectUnauthorized: true, ca: 'CERTIFICATE' });
    expect(ca.config.ssl).toHaveProperty('checkServerIdentity');
    for (const root of [`&sslrootcert=${certificate}`, '', '&sslrootcert=system']) {
      const full = connectionOptions(`${URL_BASE}?sslmode=verify-full${root}`);
      expect(full.config.ssl).toMatchObject({ rejectUnauthorized: true });
      expect(full.config.ssl).not.toHaveProperty('checkServerIdentity');
    }
  });

  it('binds to the channel where the URL asks for it', () => {
    const { config } = connectionOptions(`${URL_BASE}?channel_binding=require`);
    expect(config.enableChannelBinding).toBe(true);
  });

  it.each([
    ['?sslmode=sometimes', 'sslmode in the database URL must be one of'],
    ['?sslmode=verify-ca', 'needs sslrootcert'],
    ['?sslmode=verify-full&sslrootcert=/nowhere/x.crt', 'x.crt cannot be read (ENOENT)'],
  ])('refuses %s with a sentence that does not show the password', (query, message) => {
    const attempt = () => connectionOptions(URL_BASE + query);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/cret/);
  });
});
