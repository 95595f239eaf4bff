import { bareName } from "../../files/names.ts";
import { fieldsByBareName, type Records } from "./records.ts";

/** Whether records are questions with options. */
const areQuestions = ({ fields }: Records): boolean => {
  const names = [...fields.keys()].map((field) => bareName(field.split(".")[0]!));
  return names.includes("question") && ["options", "choices", "opa"].some((name) => names.includes(name));
};

/**
 * Records in which the subject of a question is called `discipline`: a column `subject` says who somebody is everywhere but in
 * questions of examinations.
 */
export function withDisciplines(records: Records): Records {
  const bare = fieldsByBareName(records.fields);
  const field = bare.get("subject") ?? bare.get("subjectname");
  if (field === undefined || records.fields.has("discipline") || !areQuestions(records)) return records;
  return {
    ...records,
    fields: new Map([...records.fields].map(([name, cells]) => [name === field ? "discipline" : name, cells])),
    cautions: [...records.cautions, `The column ${field} is the discipline of a question here, and called so.`],
  };
}
