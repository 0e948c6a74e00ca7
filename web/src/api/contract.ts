/** Routes that the API description is about to have. */
interface Json<T> {
  headers: { [name: string]: unknown };
  content: { 'application/json': T };
}
interface None {
  headers: { [name: string]: unknown };
  content?: never;
}
interface Nothing {
  query?: never;
  header?: never;
  path?: never;
  cookie?: never;
}
interface Body<T> {
  content: { 'application/json': T };
}
interface Get<T> {
  parameters: Nothing;
  get: { parameters: Nothing; requestBody?: never; responses: { 200: Json<T> } };
}
interface Post<Path, B, Responses> {
  parameters: Nothing;
  post: {
    parameters: Omit<Nothing, 'path'> & { path: Path };
    requestBody: Body<B>;
    responses: Responses;
  };
}
interface PlainPost<B, Responses> {
  parameters: Nothing;
  post: { parameters: Nothing; requestBody: Body<B>; responses: Responses };
}
export interface SignInProvider {
  name: string;
  label: string;
  icon_url: string | null;
  is_available: boolean;
}
export interface ConnectedAccount {
  id: string;
  provider: string;
  label: string;
  email: string | null;
  created_at: string;
  last_used_at: string | null;
  can_unlink: boolean;
}
export interface MergeOffer {
  account: { email: string | null; name: string | null; task_count: number };
  expires_at: string;
}
export interface Merge {
  id: string;
  email: string | null;
  name: string | null;
  task_count: number;
  merged_at: string;
  undoable_until: string;
}
export interface ContractPaths {
  '/api/v1/auth/providers': Get<{ items: SignInProvider[] }>;
  '/api/v1/users/me/providers': Get<{ items: ConnectedAccount[] }>;
  '/api/v1/users/me/providers/{provider}/link': Post<
    { provider: string },
    { password?: string },
    { 200: Json<{ authorization_url: string }> }
  >;
  '/api/v1/users/me/providers/{id}': {
    parameters: Nothing;
    delete: {
      parameters: Omit<Nothing, 'path'> & { path: { id: string } };
      requestBody: Body<{ password?: string }>;
      responses: { 204: None };
    };
  };
  '/api/v1/users/me/merges/offers': PlainPost<
    { email: string; password: string },
    { 201: Json<MergeOffer & { token: string }> }
  >;
  '/api/v1/users/me/merges/offers/view': PlainPost<{ token: string }, { 200: Json<MergeOffer> }>;
  '/api/v1/users/me/merges': Get<{ items: Merge[] }> &
    PlainPost<{ token: string; password?: string }, { 201: Json<Merge> }>;
  '/api/v1/users/me/merges/{id}/undo': Post<{ id: string }, { password?: string }, { 204: None }>;
}
