import { catalogue } from "../common/catalogue.ts";
import type { TaskEntry } from "./task.ts";

/** Everything that a network can be adapted to, by name. */
export const tasks = catalogue<TaskEntry>("task", []);
