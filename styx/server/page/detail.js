// One task: what is known of it, and its log as it grows.

import { $, make, plain, say } from "./dom.js";
import { blob, get, post, stream, token } from "./server.js";
import { bytes, duration } from "./words.js";
import { ENDED, now, seconds, state, world } from "./world.js";

const KEPT = 400_000;
const BEFORE = 256 << 10;
const box = $("#detail");
const log = $("#log");
let shown = null;
let reading = null;

export const isOpen = (id) => shown !== null && (id === undefined || shown.id === id);

export async function open(id) {
  reading?.abort();
  shown = { id, key: "" };
  if (!box.open) box.showModal();
  fault("");
  say($("#detail-title"), id);
  log.replaceChildren();
  await refresh();
  if (shown?.id === id && shown.task) follow(null);
}

export function close() {
  reading?.abort();
  shown = reading = null;
  if (box.open) box.close();
}

// Ask again when the list says that the task has changed.
export async function refresh() {
  if (!shown) return;
  const line = world.tasks.get(shown.id);
  const key = [line?.state, line?.attempt, line?.cancelling, world.role, token() !== null].join();
  if (shown.task && shown.key === key) return times();
  try {
    const task = await get(`/api/v1/tasks/${shown.id}`);
    if (shown?.id !== task.id) return;
    const again = shown.task && task.attempt !== shown.task.attempt;
    shown = { id: task.id, key, task };
    fill(task);
    if (again && reading?.signal.aborted) follow(null);
  } catch (error) {
    fault(error.message);
  }
}

function fill(task) {
  const badge = $(".state", box);
  badge.className = `state ${task.state}`;
  say(badge, state(task));
  say($("#detail-title"), task.name || task.command || (task.argv || []).join(" ") || `styx ${task.verb}`);
  const work = task.command ?? (task.argv ? JSON.stringify(task.argv) : JSON.stringify(task.spec, null, 1));
  const rows = [
    ["id", task.id], ["executes", task.verb ? `styx ${task.verb}\n${work}` : work], ["why", task.reason], ["agent", task.agent],
    ["attempt", task.attempt ? `${task.attempt} (${task.retries} retries)` : ""], ["exit code", task.exit_code],
    ["labels", task.labels.join(", ")], ["variables", task.env.join(", ")], ["secrets", task.secrets.join(", ")],
    ["after", task.after.join(", ")], ["schedule", task.schedule], ["submitted", moment(task.created_at)],
    ["due", seconds(task.not_before) > now() ? moment(task.not_before) : ""], ["claimed", moment(task.claimed_at)], ["ended", moment(task.finished_at)],
  ];
  const known = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  $("dl", box).replaceChildren(
    ...known.flatMap(([name, value]) => [make("dt", {}, name), make("dd", { class: name === "executes" || name === "id" ? "mono" : "" }, String(value))]),
    make("dt", {}, "took"), make("dd", { id: "took" }));
  times();
  const may = token() && ["submit", "admin"].includes(world.role);
  $("#cancel").hidden = !may || ENDED.has(task.state) || task.cancelling;
  $("#retry").hidden = !may || !["failed", "cancelled", "dead"].includes(task.state);
  attempts(task);
}

function times() {
  const task = shown?.task;
  if (!task || !$("#took")) return;
  const begin = seconds(task.claimed_at);
  say($("#took"), begin === null || task.state === "queued" ? "—" : duration((seconds(task.finished_at) ?? now()) - begin));
}

const moment = (text) => (text ? new Date(text).toLocaleString("sv") : "");

function attempts(task) {
  $("#attempts").hidden = task.attempt < 2;
  const choice = $("#attempts select");
  if (choice.options.length === task.attempt) return;
  choice.replaceChildren(...Array.from({ length: task.attempt }, (_, place) => make("option", { value: place + 1 }, `${place + 1}`)));
  choice.value = String(task.attempt);
}

// Show the log of an attempt, the last one and those after it when none is named.
async function follow(attempt) {
  reading?.abort();
  const own = (reading = new AbortController());
  const task = shown.task;
  const start = attempt === null ? Math.max(0, task.log_bytes - BEFORE) : 0;
  log.replaceChildren(start ? `… the first ${bytes(start)} are left out\n` : "");
  say($("#following"), "following");
  const query = `follow=true&position=${start}${attempt === null ? "" : `&attempt=${attempt}`}`;
  try {
    await stream(`/api/v1/tasks/${task.id}/log?${query}`, own.signal, append);
    say($("#following"), log.textContent ? "this is all" : "it printed nothing");
  } catch (error) {
    if (own.signal.aborted) return;
    say($("#following"), `cut off: ${error.message}`);
  }
  own.abort();
}

const COLOURS = /\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

function append(text) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(plain(text.replace(/\r\n/g, "\n").replace(COLOURS, "")));
  let length = log.textContent.length;
  while (length > KEPT && log.childNodes.length > 1) {
    length -= log.firstChild.length;
    log.firstChild.remove();
  }
  if (atEnd) log.scrollTop = log.scrollHeight;
}

async function act(what) {
  if (!shown?.task || $(`#${what}`).hidden) return;
  try {
    await post(`/api/v1/tasks/${shown.id}/${what}`);
    fault("");
    shown.key = "";
  } catch (error) {
    fault(error.hint ? `${error.message}: ${error.hint}` : error.message);
  }
  await refresh();
}

function fault(text) {
  $(".fault", box).hidden = !text;
  say($(".fault", box), text);
}

async function save() {
  const address = URL.createObjectURL(await blob(`/api/v1/tasks/${shown.id}/log`));
  make("a", { href: address, download: `${shown.id}.log` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export const cancel = () => act("cancel");
export const retry = () => act("retry");
$("#cancel").addEventListener("click", cancel);
$("#retry").addEventListener("click", retry);
$("#save").addEventListener("click", save);
$("#attempts select").addEventListener("change", (event) => follow(Number(event.target.value)));
