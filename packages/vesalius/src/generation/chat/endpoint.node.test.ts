import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { endpointChatModel } from "./endpoint.ts";
import type { EndpointOptions } from "./endpoint-settings.ts";

const secret = "sk-very-secret";
const question = [{ role: "user" as const, content: "Is Anna Muster well?" }];

/** What the server does with each request, in order; the last goes on. */
let script: ((response: ServerResponse, request: IncomingMessage) => void)[] = [];
const seen: { url: string; authorization: string | undefined; body: Record<string, unknown> }[] = [];
let server: Server;
let other: Server;
const requestsOfOther: string[] = [];

const listen = (made: Server): Promise<Server> =>
  new Promise((resolve) => made.listen(0, "127.0.0.1", () => resolve(made)));
const portOf = (made: Server): number => (made.address() as AddressInfo).port;
const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
const says = (content: string) =>
  json(200, {
    id: "x",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content },
        finish_reason: "stop",
        logprobs: { content: [{ token: content, logprob: -0.5, bytes: null }] },
      },
    ],
    usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 },
  });

beforeAll(async () => {
  server = await listen(
    createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        seen.push({
          url: request.url!,
          authorization: request.headers.authorization,
          body: JSON.parse(body) as Record<string, unknown>,
        });
        (script.length > 1 ? script.shift()! : script[0]!)(response, request);
      });
    }),
  );
  other = await listen(
    createServer((request, response) => {
      requestsOfOther.push(request.url!);
      says("stolen")(response);
    }),
  );
});
afterAll(() => {
  for (const made of [server, other]) {
    made.closeAllConnections();
    made.close();
  }
});
beforeEach(() => {
  seen.length = 0;
  script = [says("Yes.")];
});

const model = (options: Partial<EndpointOptions> = {}) =>
  endpointChatModel({
    url: `http://127.0.0.1:${portOf(server)}/v1/`,
    model: "small",
    key: secret,
    backoff: 0.01,
    timeout: 2,
    ...options,
  });

/** The error of a request, whose every word and cause is looked through for the key and the question. */
async function failure(made: ReturnType<typeof model>): Promise<string> {
  const error = await made.complete(question).then(
    () => undefined,
    (found: unknown) => found as Error,
  );
  expect(error).toMatchObject({ code: "service-failure" });
  const everything = `${error!.stack} ${JSON.stringify(error)} ${String(error!.cause)}`;
  expect(everything).not.toContain(secret);
  expect(everything).not.toContain("Muster");
  return error!.message;
}

it("asks as OpenAI's interface has it, and reads text, tokens and usage", async () => {
  const answer = await model().complete(question, {
    maximumTokens: 50,
    temperature: 0.5,
    stop: ["\n"],
    seed: 7,
    logProbabilities: true,
  });
  expect(answer).toEqual({
    text: "Yes.",
    finish: "end",
    usage: { promptTokens: 12, completionTokens: 3 },
    tokens: [{ text: "Yes.", logProbability: -0.5 }],
  });
  expect(seen).toEqual([
    {
      url: "/v1/chat/completions",
      authorization: `Bearer ${secret}`,
      body: {
        model: "small",
        messages: question,
        temperature: 0.5,
        stream: false,
        max_tokens: 50,
        stop: ["\n"],
        seed: 7,
        logprobs: true,
      },
    },
  ]);
});

it("sends what was de-identified, and shows exactly that before", async () => {
  const shown: unknown[] = [];
  const made = model({
    deidentify: (text) => text.replace("Anna Muster", "[NAME]"),
    onPrompt: (messages) => {
      expect(seen).toHaveLength(0);
      shown.push(messages);
    },
  });
  await made.complete(question);
  expect(seen[0]!.body["messages"]).toEqual([{ role: "user", content: "Is [NAME] well?" }]);
  expect(shown).toEqual([seen[0]!.body["messages"]]);
  expect(JSON.stringify(made)).not.toContain(secret);
});

it("tries again what may pass, and waits as long as the service asks", async () => {
  script = [json(429, { error: {} }, { "retry-after": "0.3" }), json(503, {}), says("Yes.")];
  const before = Date.now();
  expect((await model().complete(question)).text).toBe("Yes.");
  expect(Date.now() - before).toBeGreaterThanOrEqual(300);
  expect(seen).toHaveLength(3);
  script = [json(429, {}, { "retry-after": "3600" })];
  expect(await failure(model())).toMatch(/status 429.*asks to wait 3600 seconds/);
  script = [json(500, { error: { code: "overloaded", message: "Anna Muster sk-very-secret" } })];
  expect(await failure(model({ retries: 1 }))).toMatch(/status 500 \(overloaded\), 2 times/);
});

it("gives up a service that is slow, down or breaks off", async () => {
  script = [() => undefined];
  expect(await failure(model({ timeout: 0.2, retries: 1 }))).toMatch(/did not answer in time, 2 times/);
  const gone = await listen(createServer());
  const port = portOf(gone);
  await new Promise((resolve) => gone.close(resolve));
  expect(await failure(model({ url: `http://127.0.0.1:${port}/v1`, retries: 0 }))).toMatch(/cannot be reached/);
  script = [(response) => response.end('{"choices": [{"message": {"content": "Anna Mu')];
  expect(await failure(model({ retries: 1 }))).toMatch(/broke off in the middle of an answer, 2 times/);
  script = [
    (response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"choices"');
      response.destroy();
    },
  ];
  expect(await failure(model({ retries: 0 }))).toMatch(/cannot be reached, or broke off/);
});

it("does not repeat what will not pass: nonsense, a refused key, an unknown model", async () => {
  for (const [answer, words] of [
    [(response: ServerResponse) => response.end("<html>Anna Muster</html>"), /something else than JSON/],
    [json(200, { choices: [] }), /holds no text/],
    [json(200, { choices: [{ message: { content: null } }] }), /holds no text/],
    [
      json(401, { error: { message: `bad key ${secret}`, type: "invalid_api_key" } }),
      /status 401 \(invalid_api_key\).*check the key/,
    ],
    [json(404, { error: { message: "no Anna Muster" } }), /status 404 \(endpoint/],
  ] as const) {
    seen.length = 0;
    script = [answer];
    expect(await failure(model())).toMatch(words);
    expect(seen).toHaveLength(1);
  }
});

it("follows redirects within the service, and never to another address", async () => {
  script = [json(307, {}, { location: "/v2/chat/completions" }), says("Yes.")];
  expect((await model().complete(question)).text).toBe("Yes.");
  expect(seen.map(({ url }) => url)).toEqual(["/v1/chat/completions", "/v2/chat/completions"]);
  script = [json(307, {}, { location: `http://127.0.0.1:${portOf(other)}/v1/chat/completions` })];
  expect(await failure(model())).toMatch(/sends requests on to another address/);
  expect(requestsOfOther).toEqual([]);
});

it("keeps to its budget of tokens, and stops when it is told to", async () => {
  const made = model({ budget: 36 });
  await made.complete(question, { maximumTokens: 1000 });
  expect(seen[0]!.body["max_tokens"]).toBeLessThan(36);
  await made.complete(question);
  expect(await failure(made)).toMatch(/budget of 36 tokens is used up \(30 so far\)/);
  script = [() => undefined];
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await expect(model().complete(question, { signal: controller.signal })).rejects.toMatchObject({
    code: "interrupted",
  });
});

it("refuses addresses with keys in them, unencrypted ones elsewhere, and a key that is not there", () => {
  const refused = (options: Partial<EndpointOptions>, words: RegExp) =>
    expect(() => model(options)).toThrow(
      expect.objectContaining({ code: "bad-configuration", message: expect.stringMatching(words) as string }),
    );
  refused({ url: "https://user:pass@service.example/v1" }, /holds a user, a password or a query/);
  refused({ url: "https://service.example/v1?key=abc" }, /holds a user, a password or a query/);
  refused({ url: "http://service.example/v1" }, /would go unencrypted to service.example/);
  refused({ url: "ftp://service.example" }, /endpoint/);
  expect(() =>
    endpointChatModel({ url: "https://service.example/v1", model: "m", keyVariable: "VESALIUS_NO_SUCH_KEY" }),
  ).toThrow(/no VESALIUS_NO_SUCH_KEY/);
});
