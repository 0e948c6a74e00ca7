import { type Static, Type } from 'typebox';
import { Timestamp } from '../../http/schema.ts';
import type { Statistics } from './statistics.service.ts';

const Day = Type.String({
  format: 'date',
  pattern: '^(19|20|21)',
  examples: ['2026-01-31'],
});

export const StatisticsQuery = Type.Object(
  {
    from: Type.Optional({ ...Day, description: 'The first day; default: 30 days in all.' }),
    to: Type.Optional({ ...Day, description: 'The last day; default: today.' }),
    time_zone: Type.Optional(
      Type.String({
        'x-text': 'trim',
        maxLength: 64,
        default: 'UTC',
        description: 'Where a day begins and ends.',
        examples: ['Europe/Berlin'],
      }),
    ),
  },
  { additionalProperties: false },
);

export const ServerStatistics = Type.Object(
  {
    from: Type.String({ format: 'date' }),
    to: Type.String({ format: 'date' }),
    time_zone: Type.String(),
    counted_at: { ...Timestamp, description: 'At most a minute ago.' },
    users: Type.Object({
      unverified: Type.Integer(),
      active: Type.Integer(),
      disabled: Type.Integer(),
      deleted: Type.Integer(),
    }),
    tasks: Type.Object({
      pending: Type.Integer(),
      in_progress: Type.Integer(),
      completed: Type.Integer(),
      trashed: Type.Integer(),
    }),
    days: Type.Array(
      Type.Object({
        date: Type.String({ format: 'date' }),
        users_registered: Type.Integer(),
        sign_ins: Type.Integer(),
        tasks_created: Type.Integer(),
        tasks_completed: Type.Integer({ description: 'And not reopened since.' }),
      }),
    ),
  },
  { $id: 'ServerStatistics' },
);
export type ServerStatistics = Static<typeof ServerStatistics>;

/** The numbers as the API shows them. */
export function toStatisticsResponse(statistics: Statistics): ServerStatistics {
  const { range, countedAt, users, tasks, days } = statistics;
  return {
    from: range.from,
    to: range.to,
    time_zone: range.timeZone,
    counted_at: countedAt.toISOString(),
    users,
    tasks,
    days,
  };
}
