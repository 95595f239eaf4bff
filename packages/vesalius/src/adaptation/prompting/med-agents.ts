import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { type Prompting, replyOf } from "./prompting.ts";
import { messagesOf, wordsOf } from "./question.ts";

const settingsSchema = z.strictObject({
  /** Fields whose experts are heard; the model names them for each question where they are left out. */
  fields: z.array(z.string().min(1)).min(1).max(12).optional(),
  /** How many experts are named. */
  experts: z.int().positive().max(12).default(3),
  /** How often the report is put to the experts, who may ask for changes, before it is taken as it is. */
  rounds: z.int().nonnegative().max(8).default(2),
  /** Most tokens of what one of them says. */
  maximumTokens: z.int().positive().default(256),
});

const listed = (text: string, most: number): string[] =>
  text
    .split(/[\n,;|]/)
    .map((part) => part.replace(/^[-*\d.)\s]+|[.\s]+$/g, ""))
    .filter((part) => part !== "" && part.length <= 60)
    .slice(0, most);

/**
 * Roles in discussion, as MedAgents (Tang et al. 2024): experts of the fields that a question belongs to analyse it, a
 * report sums them up and is changed until all agree, and the question is answered from it.
 */
export const medAgents = entry({
  name: "medAgents",
  summary: "Experts analyse the question, agree on a report, and it is answered from that.",
  paper: "Tang et al. 2024, MedAgents",
  settings: settingsSchema,
  create: (settings): Prompting => ({
    name: "medAgents",
    settings,
    open({ model, spoken, asking, signal }) {
      const say = async (role: string, content: string): Promise<string> => {
        const system = [asking.system, role].filter((part) => part !== undefined).join("\n");
        const { text } = await model.complete(messagesOf(content, { system }), {
          maximumTokens: settings.maximumTokens,
          ...(signal === undefined ? {} : { signal }),
        });
        return text;
      };
      return Promise.resolve(async (question) => {
        const words = wordsOf(question);
        const named =
          settings.fields ??
          listed(
            await say(
              "You assign questions to medical specialties.",
              `${words}\n\nName the ${settings.experts} specialties that this question needs most, parted by commas.`,
            ),
            settings.experts,
          );
        const fields = named.length === 0 ? ["general medicine"] : named;
        const opinions: string[] = [];
        for (const field of fields)
          opinions.push(
            `${field}: ${await say(`You are an expert in ${field}.`, `${words}\n\nAnalyse this from your field.`)}`,
          );
        let report = await say(
          "You write reports for a medical decision.",
          `${words}\n\n${opinions.join("\n\n")}\n\nSum up what these experts say in a report.`,
        );
        for (let round = 0; round < settings.rounds; round++) {
          const changes: string[] = [];
          for (const field of fields) {
            const vote = await say(
              `You are an expert in ${field}.`,
              `${words}\n\nReport: ${report}\n\nDo you agree with the report? Say yes, or no and what to change.`,
            );
            if (!/^\W*(yes|agree|是|同意)/iu.test(vote)) changes.push(`${field}: ${vote}`);
          }
          if (changes.length === 0) break;
          report = await say(
            "You write reports for a medical decision.",
            `${words}\n\nReport: ${report}\n\nChanges that are asked for:\n${changes.join("\n")}\n\nWrite the report again.`,
          );
        }
        const text = await say(
          "You decide on the report of a group of medical experts.",
          `Report: ${report}\n\n${words}\n\nEnd with: The answer is ...`,
        );
        return replyOf(spoken.hear(text, question.example));
      });
    },
  }),
});
