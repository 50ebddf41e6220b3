// What the page knows of the server: its tasks, agents and counts, and what time it is there.

export const STATES = ["queued", "leased", "running", "succeeded", "failed", "cancelled", "dead"];
export const ENDED = new Set(["succeeded", "failed", "cancelled", "dead"]);

export const world = { tasks: new Map(), counts: {}, agents: [], minutes: [], role: "read", ahead: 0 };

// A new connection is told everything: what was known before is dropped with its first change.
export function learn(change, first) {
  world.ahead = Date.parse(change.now) / 1000 - Date.now() / 1000;
  world.role = change.role;
  if (first) world.tasks.clear();
  for (const id of change.gone) world.tasks.delete(id);
  for (const task of change.tasks) world.tasks.set(task.id, timed(task));
  world.counts = change.counts || world.counts;
  world.agents = change.agents || world.agents;
  world.minutes = change.minutes || world.minutes;
}

export const now = () => Date.now() / 1000 + world.ahead;
export const seconds = (moment) => (moment === null ? null : Date.parse(moment) / 1000);

function timed(task) {
  const [created, claimed, finished] = [task.created_at, task.claimed_at, task.finished_at].map(seconds);
  return { ...task, created, claimed, finished };
}

// How long it has run, or ran; null when it never did.
export function took(task) {
  if (task.claimed === null || task.state === "queued") return null;
  return Math.max(0, (task.finished ?? now()) - task.claimed);
}

export const state = (task) => (task.cancelling && !ENDED.has(task.state) ? "cancelling" : task.state);

export function clusters() {
  return world.agents.flatMap((agent) => agent.clusters.map((one) => ({ ...one, agent: agent.name, alive: agent.alive })));
}
