/**
 * The part of a workflow's form (https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax) that ours uses, and
 * nothing else: a misspelt key is an error here as it is there.
 */
import { z } from 'astro/zod';

const id = z.string().regex(/^[A-Za-z_][\w-]*$/);
const access = z.enum(['read', 'write', 'none']);

/** A step either uses an action, of a version, or runs a script. */
const step = z.union([
  z.strictObject({
    name: z.string().optional(),
    id: id.optional(),
    uses: z.string().regex(/^[\w-]+\/[\w-]+@v\d+$/),
    with: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])).optional(),
    env: z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/), z.string()).optional(),
  }),
  z.strictObject({ name: z.string().optional(), id: id.optional(), run: z.string() }),
]);

const job = z.strictObject({
  'runs-on': z.string(),
  'timeout-minutes': z.number().positive(),
  if: z.string(),
  steps: z.array(step).nonempty(),
});

/** What the reporter's documentation asks for besides: a workflow of this name with one job, which has this name. */
export const workflowSchema = z.strictObject({
  name: z.literal('Autograding Tests'),
  on: z.array(z.enum(['push', 'workflow_dispatch'])),
  permissions: z.strictObject({ actions: access, contents: access }),
  jobs: z.strictObject({ 'run-autograding-tests': job }),
});

export type Step = z.infer<typeof step>;
