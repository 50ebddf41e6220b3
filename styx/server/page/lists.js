// Counts, tasks, agents and clusters as lists. Rows are kept and changed in place: focus and selection stay.

import { $, make, say } from "./dom.js";
import { ago, duration, many, short, usd } from "./words.js";
import { clusters, now, STATES, state, took, world } from "./world.js";

const SHOWN = 200;
export const wanted = { state: null, text: "" };
const rows = new Map();

export function counts(choose) {
  const box = $("#counts");
  if (!box.children.length) {
    for (const one of STATES) {
      box.append(make("button", { type: "button", class: one, click: () => choose(one) }, make("b"), make("span", {}, one)));
    }
  }
  STATES.forEach((one, place) => {
    const button = box.children[place];
    say($("b", button), (world.counts[one] ?? 0).toLocaleString("en"));
    button.setAttribute("aria-pressed", String(wanted.state === one));
  });
}

function fits(task) {
  if (wanted.state && task.state !== wanted.state) return false;
  const all = [task.what, task.agent, task.id, task.schedule, ...task.labels].join("\n").toLowerCase();
  return wanted.text.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}

const RANK = { running: 0, leased: 1 };
function order(one, other) {
  const rank = (RANK[one.state] ?? 2) - (RANK[other.state] ?? 2);
  return rank || (other.finished ?? other.created) - (one.finished ?? one.created) || (one.id < other.id ? 1 : -1);
}

export function tasks(open) {
  const body = $("#tasks tbody");
  const shown = [...world.tasks.values()].filter(fits).sort(order).slice(0, SHOWN);
  const ids = new Set(shown.map((task) => task.id));
  for (const [id, row] of rows) {
    if (!ids.has(id)) {
      row.remove();
      rows.delete(id);
    }
  }
  shown.forEach((task, place) => {
    const row = rows.get(task.id) || made(task.id, open);
    fill(row, task);
    if (body.children[place] !== row) body.insertBefore(row, body.children[place] || null);
  });
  const first = body.firstElementChild;
  if (first && !$("tr[tabindex='0']", body)) first.tabIndex = 0;
  const empty = $("#tasks .empty");
  empty.hidden = shown.length > 0;
  say(empty, world.tasks.size ? "No task that is shown here fits; `styx tasks list` has the older ones." : "No tasks yet: styx submit -- echo hello");
}

function made(id, open) {
  const cells = ["", "what", "wide", "number wide", "number wide", "number"].map((name) => make("td", { class: name }));
  cells[0].append(make("span", { class: "state" }));
  const row = make("tr", {
    tabindex: -1, "data-id": id, click: () => open(id),
    keydown: (event) => event.key === "Enter" && open(id),
    focus: () => {
      for (const other of rows.values()) other.tabIndex = other === row ? 0 : -1;
    },
  }, ...cells);
  rows.set(id, row);
  return row;
}

function fill(row, task) {
  const [first, what, agent, exit, time, when] = row.children;
  first.firstChild.className = `state ${task.state}`;
  say(first.firstChild, state(task));
  say(what, task.what);
  what.title = task.what;
  say(agent, task.agent ?? "");
  say(exit, task.exit_code === null ? "" : String(task.exit_code));
  say(time, took(task) === null ? "" : short(took(task)));
  say(when, short(now() - (task.finished ?? task.created)));
}

// Move the focus to the next task, or the one before.
export function move(step) {
  const all = [...$("#tasks tbody").children];
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
  next?.focus();
}

export function agents() {
  $("#agents").replaceChildren(...(world.agents.length ? world.agents.map(agent) : [make("li", { class: "note" }, "none yet: styx agent")]));
}

function agent(one) {
  const share = make("i");
  share.style.width = `${Math.min(100, (100 * one.held) / Math.max(1, one.capacity))}%`;
  return make("li", { class: one.alive ? "" : "away" },
    make("div", {}, make("b", { title: one.name }, one.name), ...one.labels.map((label) => make("span", { class: "tag" }, label)),
      make("span", { class: "end" }, one.alive ? `${one.held} of ${one.capacity}` : `silent since ${ago(Date.parse(one.seen_at) / 1000, now())}`)),
    make("div", { class: "meter", role: "meter", "aria-label": `tasks of ${one.name}`, "aria-valuenow": one.held, "aria-valuemin": 0, "aria-valuemax": one.capacity }, share));
}

const TONES = { up: "succeeded", applying: "running", destroying: "leased", degraded: "failed" };

export function clusterList() {
  const all = clusters();
  $("#clusters").replaceChildren(...(all.length ? all.map(cluster) : [make("li", { class: "note" }, "none: an agent that applies a spec tells of it")]));
}

function cluster(one) {
  const old = Math.max(0, now() - Date.parse(one.since) / 1000);
  return make("li", {},
    make("div", {}, make("b", { title: one.name }, one.name), make("span", { class: `state ${TONES[one.status] || "queued"}` }, one.status),
      make("span", { class: "end" }, one.hourly_usd === null ? "price unknown" : `${usd(one.hourly_usd)}/h`)),
    make("div", { class: "note" }, `${one.where}, ${many(one.nodes, "node")}, ${duration(old)}, by ${one.agent}${one.alive ? "" : " (silent)"}`));
}
