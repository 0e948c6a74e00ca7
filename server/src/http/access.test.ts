import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { requireDeclaredAccess } from './access.ts';

test('the server does not start with a route that says nothing about access', async () => {
  const app = Fastify();
  requireDeclaredAccess(app);
  app.get('/declared', { config: { access: 'public' } }, () => 'x');
  app.post('/forgotten', () => 'x');
  await expect(app.ready()).rejects.toThrow('No access is declared for POST /forgotten');
});

test('a path that only begins like the documentation is not exempt', async () => {
  const app = Fastify();
  requireDeclaredAccess(app);
  app.get('/api/docs/static/x', () => 'x');
  app.get('/api/docsecret', () => 'x');
  await expect(app.ready()).rejects.toThrow('No access is declared for GET /api/docsecret');
});
