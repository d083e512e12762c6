import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type * as Client from '../src/api/client';

let client: typeof Client;

function answerWith(body: string, status = 200): ReturnType<typeof vi.fn> {
  const fetch = vi.fn(async () => new Response(body, { status }));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

describe('calls of the API', () => {
  beforeAll(async () => {
    vi.stubGlobal('document', { baseURI: 'http://host/prometheus/?g0.expr=up' });
    client = await import('../src/api/client');
  });
  afterEach(() => vi.restoreAllMocks());

  it('go to the API beside the page, as a form, with the tenant', async () => {
    const fetch = answerWith('{"status":"success","data":1,"warnings":["w"]}');
    const answer = await client.callApi<number>('query', { tenant: 'a', form: { query: 'up{x="é&"}' } });
    expect(answer).toEqual({ data: 1, warnings: ['w'], infos: [] });
    const [url, init] = fetch.mock.calls[0] as [string, RequestInit];
    expect(url).toBe('http://host/prometheus/api/v1/query');
    expect(init).toMatchObject({ method: 'POST', headers: { 'X-Scope-OrgID': 'a' } });
    expect(String(init.body)).toBe('query=up%7Bx%3D%22%C3%A9%26%22%7D');
  });

  it('send no tenant header for the default tenant', () => expect(client.tenantHeaders('')).toEqual({}));

  it('give the type and words of an error', async () => {
    answerWith('{"status":"error","errorType":"bad_data","error":"parse error"}', 400);
    await expect(client.callApi('query', { tenant: '' })).rejects.toMatchObject({ type: 'bad_data', message: 'parse error' });
  });

  it('name the status where the answer is not the API\'s', async () => {
    answerWith('upstream gone', 502);
    await expect(client.callApi('query', { tenant: '' })).rejects.toMatchObject({ type: 'http 502', message: 'upstream gone' });
  });

  it('tell a server that cannot be reached from a request that was given up', async () => {
    vi.stubGlobal('fetch', async () => { throw new TypeError('refused'); });
    await expect(client.callApi('query', { tenant: '' })).rejects.toMatchObject({ type: 'network' });
    const controller = new AbortController();
    controller.abort();
    await expect(client.callApi('query', { tenant: '', signal: controller.signal })).rejects.toBeInstanceOf(TypeError);
  });
});
