import type { components, operations, paths } from './schema.gen.ts';

export type { paths };

type Schemas = components['schemas'];

export type Task = Schemas['Task'];
export type TaskStatus = Task['status'];
export type User = Schemas['User'];

/** The answer to sign-in and refresh. */
export type AccessGrant = Schemas['AccessGrant'];

/** What is used of an error document; a proxy's error page has only a status. */
export type Problem = Pick<Schemas['Problem'], 'status' | 'code'> & Partial<Schemas['Problem']>;

type BodyOf<Operation extends keyof operations> = operations[Operation] extends {
  responses: { 200: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;

export type TaskPage = BodyOf<'listTasks'>;
export type TaskCounts = BodyOf<'countTasks'>;
export type TaskListQuery = NonNullable<operations['listTasks']['parameters']['query']>;

/** With whom one can sign in here. */
export type SignInProvider = BodyOf<'listProviders'>['items'][number];

/** An identity with which the person signs in. */
export type ConnectedAccount = Schemas['Identity'];

export type MergeOffer = Schemas['MergeOffer'];

/** Another account that has become part of this one. */
export type Merge = Schemas['AccountMerge'];
