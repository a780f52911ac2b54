// HTTP calls to the server, and its problem+json answers as errors with a sentence to show.

const UNREACHABLE = "The server cannot be reached. Check your internet connection.";

export class ApiError extends Error {
  /** status 0: no answer at all. `errors`: [{field, message}], one a wrong field. */
  constructor({ status, code = "", title = "", detail = "", errors = [], retryAfterS = 0 }) {
    super(detail || title || `The server answered with ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.title = title;
    this.errors = errors;
    this.retryAfterS = retryAfterS;
  }

  /** Whether the same request may succeed a little later. */
  get retryable() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** `body`: an object, sent as JSON, or a string with its `contentType`. Returns the parsed answer. */
export async function call(method, path, { body, contentType, token } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = contentType ?? "application/json";
  const sent = body === undefined || contentType ? body : JSON.stringify(body);
  let response;
  try {
    response = await fetch(path, { method, headers, body: sent, cache: "no-store" });
  } catch {
    throw new ApiError({ status: 0, detail: UNREACHABLE });
  }
  const answer = await readJson(response);
  if (response.ok) return answer;
  throw new ApiError({
    status: response.status,
    code: answer?.code,
    title: answer?.title,
    detail: answer?.detail,
    errors: answer?.errors,
    retryAfterS: Number(response.headers.get("Retry-After")) || 0,
  });
}

async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
