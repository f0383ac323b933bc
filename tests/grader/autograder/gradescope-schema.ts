/** `results.json` as https://gradescope-autograders.readthedocs.io/en/latest/specs/ documents it, and nothing else. */
import { z } from 'astro/zod';

const format = z.enum(['text', 'html', 'simple_format', 'md', 'ansi']);
const visibility = z.enum(['hidden', 'after_due_date', 'after_published', 'visible']);

const test = z.strictObject({
  score: z.number().optional(),
  max_score: z.number().optional(),
  status: z.enum(['passed', 'failed']).optional(),
  name: z.string().optional(),
  name_format: format.optional(),
  number: z.string().optional(),
  output: z.string().optional(),
  output_format: format.optional(),
  tags: z.array(z.string()).optional(),
  visibility: visibility.optional(),
  extra_data: z.looseObject({}).optional(),
});

const leader = z.strictObject({ name: z.string(), value: z.union([z.number(), z.string()]), order: z.enum(['asc', 'desc']).optional() });

export const gradescopeSchema = z.strictObject({
  score: z.number().optional(),
  execution_time: z.number().optional(),
  output: z.string().optional(),
  output_format: format.optional(),
  test_output_format: format.optional(),
  test_name_format: format.optional(),
  visibility: visibility.optional(),
  stdout_visibility: visibility.optional(),
  extra_data: z.looseObject({}).optional(),
  tests: z.array(test).optional(),
  leaderboard: z.array(leader).optional(),
});

/** `submission_metadata.json`, with the fields of its documentation. */
export function metadata(totalPoints: string) {
  const users = [{ email: 'student-01@example.invalid', id: 1, name: 'Student One' }];
  const assignment = {
    due_date: '2026-11-30T23:00:00.000000-07:00',
    group_size: null,
    group_submission: false,
    id: 25,
    course_id: 12,
    late_due_date: null,
    release_date: '2026-11-02T00:00:00.000000-07:00',
    title: 'The output rule',
    total_points: totalPoints,
  };
  const created = '2026-11-29T14:22:32.365935-07:00';
  return JSON.stringify({ id: 123, created_at: created, assignment, submission_method: 'upload', users, previous_submissions: [] });
}
