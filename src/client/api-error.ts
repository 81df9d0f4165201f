/** The error of the client: what the service said, or that it could not be reached. */

/** What a problem answer of the service holds beside its code. */
export interface ApiErrorFacts {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** State of the job, where an action was refused. */
  readonly state?: string | undefined;
  /** What the job can do instead, where an action was refused. */
  readonly actions?: readonly string[] | undefined;
  /** What is wrong with each field, where the request was not valid. */
  readonly errors?: readonly FieldProblem[] | undefined;
  /** Under which the service logged the request. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** What is wrong with one field of a request. */
export interface FieldProblem {
  /** JSON Pointer of the field. */
  readonly pointer: string;
  readonly detail: string;
}

/**
 * An answer of the service that is an error, or the lack of an answer. `code` is the code of the problem;
 * `service_unreachable` when nothing answered, `internal` when the answer was none of Sluice's. `message` is for
 * people.
 */
export class SluiceApiError extends Error {
  override readonly name = "SluiceApiError";
  readonly code: string;
  readonly status: number;
  readonly state: string | null;
  readonly actions: readonly string[];
  readonly errors: readonly FieldProblem[];
  readonly requestId: string | null;

  constructor(code: string, message: string, facts: ApiErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.status = facts.status;
    this.state = facts.state ?? null;
    this.actions = facts.actions ?? [];
    this.errors = facts.errors ?? [];
    this.requestId = facts.requestId ?? null;
  }
}

/** Makes the error of an answer that is not a success. Reads its body. */
export async function errorOfResponse(response: Response): Promise<SluiceApiError> {
  const problem = problemOf(await response.text());
  const code = textOf(problem["code"]);
  if (code === undefined)
    return new SluiceApiError(
      "internal",
      `Expected an answer of Sluice, got HTTP ${response.status} from ${originOf(response.url)}. ` +
        "Check that SLUICE_URL names a Sluice service.",
      { status: response.status },
    );
  return new SluiceApiError(code, textOf(problem["detail"]) ?? textOf(problem["title"]) ?? code, {
    status: response.status,
    state: textOf(problem["state"]),
    actions: listOf(problem["actions"]).filter((action) => typeof action === "string"),
    errors: listOf(problem["errors"]).flatMap(fieldProblemOf),
    requestId: textOf(problem["requestId"]),
  });
}

/** Makes the error of a request that got no answer from the service at `url`. */
export function unreachable(url: string, cause: unknown): SluiceApiError {
  return new SluiceApiError(
    "service_unreachable",
    `No Sluice service answers at ${originOf(url)}${reasonOf(cause)}.`,
    { status: 0, cause },
  );
}

function reasonOf(cause: unknown): string {
  // fetch says "fetch failed" and keeps the reason in its cause.
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const code = inner instanceof Error && "code" in inner ? inner.code : undefined;
  return typeof code === "string" ? ` (${code})` : "";
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}

function problemOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {}; // not JSON: not an answer of Sluice, which the caller says
  }
}

function fieldProblemOf(value: unknown): readonly FieldProblem[] {
  if (!isRecord(value)) return [];
  return [{ pointer: textOf(value["pointer"]) ?? "", detail: textOf(value["detail"]) ?? "" }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
