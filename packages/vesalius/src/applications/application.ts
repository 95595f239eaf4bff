import type { z } from "zod";
import type { Entry } from "../common/catalogue.ts";

/** An application with what it is made of opened: answers requests until it is released. */
export interface OpenApplication<Request = unknown, Response = unknown> {
  /**
   * @throws VesaliusError for a request that cannot be answered as it is; one that should not be answered is declined in
   * the response instead
   */
  respond(request: Request, options?: { readonly signal?: AbortSignal }): Promise<Response>;
  /** Frees models; the application cannot be used afterwards. */
  release(): Promise<void>;
}

/** One of the survey's sixteen applications: a typed request in, a typed response out. */
export interface ApplicationEntry<
  Name extends string = string,
  Settings extends z.ZodObject = z.ZodObject,
  Request extends z.ZodObject = z.ZodObject,
  Response extends z.ZodType = z.ZodType,
> extends Entry<Name, Settings, Promise<OpenApplication>> {
  /** Number in the survey's section IV, from 1 to 16. */
  readonly number: number;
  readonly subfield: "language" | "vision" | "bioinformatics" | "multimodal";
  readonly request: Request;
  readonly response: Response;
  /** Key of the request that a person types, where there is one: `question`. */
  readonly typed?: string;
  /** Key of request and response that carries a conversation from turn to turn, where there is one. */
  readonly carries?: string;
  /** Opens models and indices that the settings name. */
  create(settings: z.output<Settings>): Promise<OpenApplication<z.input<Request>, z.output<Response>>>;
  /** The response for somebody who reads it in a terminal. */
  show(response: z.output<Response>): string;
}

/** Keeps the types of an application's name, settings, request and response. */
export const applicationEntry = <
  const Name extends string,
  Settings extends z.ZodObject,
  Request extends z.ZodObject,
  Response extends z.ZodType,
>(
  it: ApplicationEntry<Name, Settings, Request, Response>,
): ApplicationEntry<Name, Settings, Request, Response> => it;
