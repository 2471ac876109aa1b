import { z } from 'zod';

/** RFC 9457 as every door but OTLP answers it; further members depend on the problem. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: '`/problems/<code-with-hyphens>`: what to branch on.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'One sentence that says what to do next.' }),
    instance: z.string().meta({ description: 'The request id, also in `x-request-id`.' }),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused (RFC 9457).' });

/** google.rpc.Status, which OTLP asks for. */
export const rpcStatusSchema = z
  .object({ code: z.int(), message: z.string() })
  .meta({ id: 'RpcStatus', description: 'Why an OTLP export was refused.' });

/** OTLP/JSON's answer; empty when everything was kept. */
export const otlpAnswerSchema = z
  .object({
    partialSuccess: z
      .object({
        rejectedSpans: z.string().optional(),
        rejectedLogRecords: z.string().optional(),
        rejectedDataPoints: z.string().optional(),
        errorMessage: z.string().optional(),
      })
      .optional(),
  })
  .meta({ id: 'OtlpAnswer' });
