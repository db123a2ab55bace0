// Requests to this server. Every answer is JSON; errors are problem+json and become a Problem.

export class Problem extends Error {
  constructor({ detail, status, setting = "" }) {
    super(detail);
    this.status = status;
    this.setting = setting;
  }
}

const UNREACHABLE = "The studio does not answer. Is it still running? Nothing that you typed is lost.";

async function answer(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ detail: UNREACHABLE, status: 0 });
  }
  if (response.status === 204) return null;
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const content = isJson ? await response.json() : { detail: response.statusText };
  if (!response.ok) throw new Problem({ ...content, status: response.status });
  return content;
}

export function get(path) {
  return answer(path);
}

export function post(path, body, signal) {
  const headers = { "content-type": "application/json" };
  return answer(path, { method: "POST", headers, body: JSON.stringify(body), signal });
}

// Any method; a body that is a File goes as it is, others as JSON. Answers without content are null.
export function send(method, path, body) {
  const isFile = body instanceof Blob;
  const headers = body === undefined ? {} : { "content-type": isFile ? "text/vnd.abc" : "application/json" };
  return answer(path, { method, headers, body: isFile || body === undefined ? body : JSON.stringify(body) });
}

// Resolves as soon as the server answers again.
export async function whenBack() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    try {
      return await get("/health");
    } catch (error) {
      if (error.status !== 0) throw error;
    }
  }
}

// Calls `work` a moment after the last call; the signal aborts what a later call makes needless.
export function settled(milliseconds, work) {
  let timer;
  let abort = new AbortController();
  return (...values) => {
    clearTimeout(timer);
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    timer = setTimeout(async () => {
      try {
        await work(signal, ...values);
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      }
    }, milliseconds);
  };
}
