// Requests to the server that this page came from. The token is in a header, never in an address.

const KEPT = "styx-token";

export const token = () => sessionStorage.getItem(KEPT);
export function setToken(text) {
  if (text) sessionStorage.setItem(KEPT, text);
  else sessionStorage.removeItem(KEPT);
}

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || `the server answered ${status}`);
    this.status = status;
    this.hint = problem.hint || "";
  }
}

async function reply(path, options = {}) {
  const headers = { ...options.headers };
  if (token()) headers.Authorization = `Bearer ${token()}`;
  const found = await fetch(path, { ...options, headers, cache: "no-store" });
  if (!found.ok) throw new Refused(found.status, await found.json().catch(() => ({})));
  return found;
}

export const get = async (path) => (await reply(path)).json();
export const post = async (path) =>
  (await reply(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" })).json();
export const blob = async (path) => (await reply(path)).blob();

// Hand each piece of a reply to `take` as it comes, as text.
export async function stream(path, signal, take) {
  const found = await reply(path, { signal });
  const reader = found.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(value);
  }
}

// Hand the data of each server-sent event to `take`, until the stream ends.
// EventSource could not send the token in a header.
export async function events(path, signal, take) {
  let rest = "";
  await stream(path, signal, (text) => {
    const parts = (rest + text).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = part.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
      take(data.length ? JSON.parse(data.join("\n")) : null);
    }
  });
}
