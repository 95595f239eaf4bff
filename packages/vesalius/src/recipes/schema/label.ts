import { z } from "zod";

/** Name of one of several of the same kind, in reports and folders. */
export const labelSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "use letters, digits, dot, dash and underscore: it names a folder");
