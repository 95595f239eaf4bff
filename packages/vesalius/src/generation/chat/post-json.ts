import { VesaliusError } from "../../common/errors.ts";
import { throwIfInterrupted } from "../../common/interruption.ts";
import type { EndpointSettings } from "./endpoint-settings.ts";

/** Longest answer of a service that is read. */
const mostBytes = 16 * 1024 * 1024;
/** Longest time that a service may ask to wait, in seconds; longer ones are told to the user. */
const longestWait = 120;
const mostRedirects = 3;

/** Something that may pass: the request is made again. */
class Passing extends Error {
  readonly after: number | undefined;
  constructor(message: string, after?: number) {
    super(message);
    this.after = after;
  }
}

const failure = (what: string, host: string, fix: string): VesaliusError =>
  new VesaliusError("service-failure", what, { where: `endpoint at ${host}`, fix });

/** Seconds that a service asks to wait. */
function retryAfter(headers: Headers): number | undefined {
  const stated = headers.get("retry-after");
  if (stated === null) return undefined;
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(stated) ? Number(stated) : (Date.parse(stated) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** What kind of error a service states, where it is a plain name: its words may repeat what was sent. */
function statedKind(body: string): string {
  try {
    const { error } = JSON.parse(body) as { readonly error?: { readonly code?: unknown; readonly type?: unknown } };
    const kind = [error?.code, error?.type].find(
      (one): one is string => typeof one === "string" && /^[\w.-]{1,60}$/.test(one),
    );
    return kind === undefined ? "" : ` (${kind})`;
  } catch {
    return "";
  }
}

/** The body of an answer as text, no longer than allowed. */
async function bodyOf(response: Response, host: string): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > mostBytes) {
      await reader.cancel();
      throw failure(
        "the endpoint's answer is longer than 16 MB",
        host,
        "check that the address is that of a language model",
      );
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** One request, redirects within the service followed. */
async function attempt(url: URL, init: RequestInit, host: string): Promise<unknown> {
  let at = url;
  for (let hop = 0; ; hop++) {
    let response: Response;
    let body: string;
    try {
      response = await fetch(at, { ...init, redirect: "manual" });
      body = await bodyOf(response, host);
    } catch (error) {
      if (error instanceof VesaliusError) throw error;
      const late = error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
      throw new Passing(late ? "did not answer in time" : "cannot be reached, or broke off");
    }
    const { status } = response;
    if (status >= 300 && status < 400) {
      const location = response.headers.get("location");
      const next = location === null || !URL.canParse(location, at) ? undefined : new URL(location, at);
      if (next === undefined || next.origin !== url.origin)
        throw failure(
          "the endpoint sends requests on to another address, where texts and key would go",
          host,
          "name the other address yourself if you trust it",
        );
      if (hop >= mostRedirects || ![307, 308].includes(status))
        throw failure(`the endpoint sends requests on (status ${status})`, host, "name the address that it sends to");
      at = next;
      continue;
    }
    if (status === 408 || status === 429 || status >= 500)
      throw new Passing(`answers with status ${status}${statedKind(body)}`, retryAfter(response.headers));
    if (status < 200 || status >= 300)
      throw failure(
        `the endpoint answers with status ${status}${statedKind(body)}`,
        host,
        status === 401 || status === 403
          ? "check the key and what it may be used for"
          : "check the address and the name of the model",
      );
    try {
      return JSON.parse(body) as unknown;
    } catch {
      // A body that breaks off may come whole the next time; what never was JSON will not.
      if (body.trimStart().startsWith("{")) throw new Passing("broke off in the middle of an answer");
      throw failure(
        "the endpoint answers with something else than JSON",
        host,
        "check that the address is that of the service",
      );
    }
  }
}

const sleep = (seconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, seconds * 1000);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });

/**
 * Sends JSON to a service and reads JSON. What may pass (no connection, no answer in time, status 408, 429 and 5xx, an
 * answer that breaks off) is tried again, each time after twice as long or as long as the service asks for; nothing else is.
 *
 * @param key sent as bearer token; no error or record holds it
 * @throws VesaliusError `service-failure` where the service does not answer as it must; `interrupted`
 */
export async function postJson(
  url: URL,
  body: unknown,
  { timeout, retries, backoff }: Pick<EndpointSettings, "timeout" | "retries" | "backoff">,
  key: string | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const host = url.host;
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  for (let tried = 0; ; tried++) {
    throwIfInterrupted(signal, "the request was given up");
    const limit = AbortSignal.timeout(timeout * 1000);
    const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    try {
      return await attempt(url, { method: "POST", headers, body: JSON.stringify(body), signal: either }, host);
    } catch (error) {
      throwIfInterrupted(signal, "the request was given up");
      if (!(error instanceof Passing)) throw error;
      const wait = error.after ?? backoff * 2 ** tried;
      if (tried >= retries || wait > longestWait)
        throw failure(
          `the endpoint ${error.message}${tried === 0 ? "" : `, ${tried + 1} times`}`,
          host,
          wait > longestWait
            ? `it asks to wait ${Math.ceil(wait)} seconds; ask again then`
            : "check that it runs and can be reached, or allow more time (timeout) and repetitions (retries)",
        );
      await sleep(wait, signal);
    }
  }
}
