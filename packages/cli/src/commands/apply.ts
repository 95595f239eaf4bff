import { createInterface } from "node:readline";
import { Argument, Command } from "commander";
import { VesaliusError } from "vesalius";
import { applications } from "vesalius/applications";
import { decodeText, readBytes } from "vesalius/data";
import { type Setting, withSettings } from "vesalius/recipes";
import { jsonOption, withExamples } from "../options.ts";
import { createOutput, type Output } from "../output.ts";
import { settingOption } from "../recipe-options.ts";

interface Flags {
  readonly request?: string;
  readonly with: readonly Setting[];
  readonly set: readonly Setting[];
  readonly json?: true;
}

type Entry = (typeof applications)["entries"][number];
type Request = Record<string, unknown>;

/** The request: a file, what was typed, and keys that were set, the later in place of the earlier. */
async function requestOf(entry: Entry, typed: readonly string[], flags: Flags): Promise<Request> {
  let request: Request = {};
  if (flags.request !== undefined) {
    const text = decodeText(await readBytes(flags.request), flags.request);
    try {
      request = JSON.parse(text) as Request;
    } catch (error) {
      throw new VesaliusError("bad-file", "the request is no valid JSON", { where: flags.request, cause: error });
    }
  }
  if (typed.length > 0 && entry.typed === undefined)
    throw new VesaliusError("bad-argument", `${entry.name} takes no words on the command line`, {
      fix: "give the request as a file with --request, or key by key with --with key=value",
    });
  if (typed.length > 0) request = { ...request, [entry.typed!]: typed.join(" ") };
  return withSettings(request, flags.with) as Request;
}

/** Reads one request a line from a terminal or a pipe and carries the conversation from turn to turn. */
async function converse(entry: Entry, first: Request, answer: (request: Request) => Promise<Request>): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, prompt: "> " });
  let carried: Request = {};
  if (process.stdin.isTTY) lines.prompt();
  for await (const line of lines) {
    if (line.trim() === "") break;
    const response = await answer({ ...first, ...carried, [entry.typed!]: line.trim() });
    carried = entry.carries === undefined ? {} : { [entry.carries]: response[entry.carries] };
    if (process.stdin.isTTY) lines.prompt();
  }
  lines.close();
}

export function applyCommand(): Command {
  const command = new Command("apply")
    .summary("use an application: a question or record in, an answer with its evidence out")
    .description(
      `Opens an application and answers one request, or without one a conversation, a line a turn, until an empty line.\n\n${applications.entries
        .map(({ name, summary }) => `${name}: ${summary}`)
        .join("\n")}`,
    )
    .addArgument(new Argument("<application>", "which one").choices(applications.names))
    .argument("[words...]", "the request, where the application takes words")
    .option("--request <file>", "the request as a JSON file")
    .addOption(settingOption("--with", "key of the request, as in docs/applications.md"))
    .addOption(settingOption("--set", "setting of the application, as index=./health-index"))
    .addOption(jsonOption())
    .action(async (name: string, words: readonly string[], flags: Flags) => {
      const output: Output = createOutput(flags.json === true);
      const entry = applications.entry(name);
      const settings = applications.parse({ ...(withSettings({}, flags.set) as Request), name });
      const request = await requestOf(entry, words, flags);
      const opened = await applications.create(settings);
      const answer = async (asked: Request): Promise<Request> => {
        const response = (await opened.respond(asked as never)) as Request;
        output.result(response, entry.show(response as never));
        return response;
      };
      try {
        if (Object.keys(request).length > 0 || entry.typed === undefined) await answer(request);
        else await converse(entry, request, answer);
      } finally {
        await opened.release();
      }
    });
  return withExamples(
    command,
    'vesalius apply consultation "What are the symptoms of asthma?" --set index=./health-index',
    'vesalius apply diagnosis "A fever for two days, no cough." --set model=./runs/findings/models/scratch-seed1',
    'vesalius apply education "Dyspnea may occur. Do not exceed 40 mg orally."',
    "vesalius apply consultation --set index=./health-index --set model=./runs/questions/models/lora-seed1",
    "vesalius apply report-generation --request visit.json --set unsupported=omit --json",
  );
}
