import { describe, expect, it } from 'vitest';
import { renderIdentityMap, renderSettings } from './settings.ts';

describe('settings of the embedded PostgreSQL', () => {
  it("lets the operator's file change the tuning, and nothing that durability or privacy rest on", () => {
    const lines = renderSettings("/run/it's").split('\n');
    const own = lines.indexOf("include_if_exists = 'custom.conf'");
    expect(lines.indexOf("shared_buffers = '128MB'")).toBeLessThan(own);
    for (const fixed of [
      "fsync = 'on'",
      "full_page_writes = 'on'",
      "synchronous_commit = 'on'",
      "listen_addresses = ''",
      "unix_socket_directories = '/run/it''s'",
      "allow_alter_system = 'off'",
    ]) {
      expect(lines.indexOf(fixed), fixed).toBeGreaterThan(own);
    }
  });

  it('lets only the user of the server and root connect, each as any of the three roles', () => {
    expect(renderIdentityMap('anna').trim().split('\n')).toEqual([
      'docket "anna" docket_owner',
      'docket "anna" docket_app',
      'docket "anna" postgres',
      'docket "root" docket_owner',
      'docket "root" docket_app',
      'docket "root" postgres',
    ]);
    expect(renderIdentityMap('root').trim().split('\n')).toHaveLength(3);
  });
});
