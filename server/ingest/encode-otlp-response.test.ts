import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '#server/kernel/errors.ts';
import { encodeOtlpError, encodeOtlpSuccess } from './encode-otlp-response.ts';
import { RpcStatusSchema } from './otlp/otlp_pb.js';

const textOf = (body: Uint8Array) => Buffer.from(body).toString('utf8');
const hexOf = (body: Uint8Array) => Buffer.from(body).toString('hex');

describe('encodeOtlpSuccess', () => {
  it.each(['traces', 'logs', 'metrics'] as const)('answers %s with nothing to add', (signal) => {
    expect(textOf(encodeOtlpSuccess(signal, 'json', 0, '').body)).toBe('{}');
    expect(encodeOtlpSuccess(signal, 'protobuf', 0, '').body).toHaveLength(0);
  });

  it.each([
    ['traces', 'rejectedSpans'],
    ['logs', 'rejectedLogRecords'],
    ['metrics', 'rejectedDataPoints'],
  ] as const)('counts rejected %s as text under %s', (signal, field) => {
    const { body, contentType } = encodeOtlpSuccess(signal, 'json', 3, 'why');
    expect(contentType).toBe('application/json');
    expect(JSON.parse(textOf(body))).toEqual({
      partialSuccess: { [field]: '3', errorMessage: 'why' },
    });
  });

  it.each(['traces', 'logs', 'metrics'] as const)('encodes partial %s byte by byte', (signal) => {
    // From the specification: partial_success { rejected: 1, error_message: "x" }.
    const { body, contentType } = encodeOtlpSuccess(signal, 'protobuf', 1, 'x');
    expect(contentType).toBe('application/x-protobuf');
    expect(hexOf(body)).toBe('0a050801120178');
  });

  it('warns without rejecting', () => {
    expect(JSON.parse(textOf(encodeOtlpSuccess('traces', 'json', 0, 'careful').body))).toEqual({
      partialSuccess: { rejectedSpans: '0', errorMessage: 'careful' },
    });
  });
});

describe('encodeOtlpError', () => {
  it('speaks the encoding of the request', () => {
    const json = encodeOtlpError('json', 'bad_request', 'No.');
    expect(JSON.parse(textOf(json.body))).toEqual({ code: 3, message: 'No.' });
    const binary = encodeOtlpError('protobuf', 'store_unavailable', 'Later.');
    expect(fromBinary(RpcStatusSchema, binary.body)).toMatchObject({ code: 14, message: 'Later.' });
  });

  it.each(errorCodes)('gives %s a code that is not OK', (code) => {
    const status: { code: number } = JSON.parse(textOf(encodeOtlpError('json', code, 'm').body));
    expect(status.code).toBeGreaterThan(0);
    expect(status.code).toBeLessThanOrEqual(16);
  });
});
