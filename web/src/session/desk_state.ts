import { ElMessage } from "element-plus/es/components/message/index.mjs";
import { computed, ref, shallowRef } from "vue";

import { ApiError, api } from "../api/client";
import type {
  AgentOffer,
  AgentStatus,
  CallSummary,
  CallView,
  Command,
  LiveMessage,
  Numbers,
  PhoneView,
  QueueNow,
} from "../api/contract";
import { LiveLink, type LinkState } from "../api/live";
import { CallSheet } from "../call/call_sheet";
import { errorText, refusalText, t } from "../locale/locale";
import { router } from "../router";
import { replaces } from "./agent_status";
import { user } from "./session";

const RECENT = 20;

/** What the desk shows now; the server's snapshot, kept up to date by the live channel. */
export const agent = shallowRef<AgentStatus | null>(null);
export const offer = shallowRef<AgentOffer | null>(null);
export const numbers = shallowRef<Numbers | null>(null);
export const queue = shallowRef<QueueNow | null>(null);
/** Everyone's states, for those who watch. */
export const agents = shallowRef<AgentStatus[]>([]);
/** Counts changes in the list of calls, for pages that show more of it than the recent ones. */
export const callsChanged = ref(0);
export const extensions = shallowRef<string[] | null>(null);
export const hotlineName = ref("12345");
export const link = ref<LinkState>("connecting");
/** How this agent's browser telephone stands, as its switch said last. */
export const phoneView = shallowRef<PhoneView | null>(null);
export const recent = shallowRef<CallSummary[] | null>(null);
export const live = shallowRef<CallSheet | null>(null);
export const past = shallowRef<CallSheet | null>(null);
export const sheet = computed(() => past.value ?? live.value);
export const state = computed(() => agent.value?.state ?? "signed_out");

let channel: LiveLink | null = null;
let warnedCall = "";

export function start(): void {
  if (channel) return;
  channel = new LiveLink({
    heard,
    changed: (now) => (link.value = now),
    opened: () => {
      for (const each of [live.value, past.value]) each?.missed();
      void refetch();
      if (past.value) channel?.watch(past.value.id, true);
    },
  });
  channel.open();
}

export function stop(): void {
  channel?.close();
  channel = null;
  for (const each of [agent, offer, numbers, queue, extensions, recent, live, past]) each.value = null;
}

/** Says what went wrong; a lost session leads to the sign-in page. */
export function complain(error: unknown): void {
  ElMessage({ message: errorText(error), type: "error", duration: 6000, showClose: true });
  if (error instanceof ApiError && error.status === 401) {
    stop();
    user.value = null;
    void router.push("/sign-in");
  }
}

export async function refetch(): Promise<void> {
  const before = live.value;
  try {
    const desk = await api.desk();
    if (desk.agent && replaces(agent.value, desk.agent, "answer")) agent.value = desk.agent;
    offer.value = desk.offer;
    numbers.value = desk.numbers;
    queue.value = desk.queue;
    extensions.value = desk.extensions;
    agents.value = desk.agents;
    hotlineName.value = desk.hotline_name;
    // The answer may be older than what the channel has said since: who was rung then may be on a break by now, and a
    // call may have come.
    if (desk.call && BUSY.includes(state.value)) showLive(desk.call);
    else if (live.value === before && state.value !== "wrap_up") await putAway();
    await refetchRecent();
  } catch (error) {
    complain(error);
  }
}

async function refetchRecent(): Promise<void> {
  recent.value = (await api.calls(RECENT)).calls;
}

const merged = (): void => {
  ElMessage({ message: t("ticket.merged"), type: "warning", duration: 6000, showClose: true });
};

function showLive(view: CallView): void {
  if (live.value?.id === view.call_id) return live.value.told(view);
  void live.value?.flush();
  live.value = new CallSheet(view, merged);
  if (view.status !== "ended") closePast();
}

/** The call is done with: what was typed is stored first. */
async function putAway(): Promise<void> {
  const done = live.value;
  live.value = null;
  await done?.flush();
}

function heard(message: LiveMessage): void {
  switch (message.type) {
    case "agent":
      if (message.status.agent_id === user.value?.agent_id) ownState(message.status, "channel");
      agents.value = [...agents.value.filter((each) => each.agent_id !== message.status.agent_id), message.status];
      return;
    case "offer":
      offer.value = message.offer;
      if (live.value?.id !== message.offer.call_id) void refetch();
      return;
    case "phone":
      phoneView.value = message.phone;
      return;
    case "numbers":
      numbers.value = message.numbers;
      return;
    case "queue":
      queue.value = { waiting: message.waiting, longest_wait_ms: message.longest_wait_ms };
      return;
    case "summary":
      callsChanged.value += 1;
      void refetchRecent().catch(complain);
      return;
    case "call":
      return callChanged(message.call, message);
    case "ticket":
      return toSheets(message.ticket.call_id, message);
    default:
      return toSheets(message.call_id, message);
  }
}

function callChanged(view: CallView, message: LiveMessage): void {
  const me = user.value?.agent_id;
  const mine = Boolean(me) && (view.agent_id === me || view.talk?.third?.agent_id === me);
  if (mine && (view.status === "ringing" || view.status === "talking")) showLive(view);
  toSheets(view.call_id, message);
  if (!mine && view.status === "waiting" && live.value?.id === view.call_id) void putAway();
  if (view.status === "ended") {
    if (!BUSY.includes(state.value)) putAwayEnded();
    void refetchRecent().catch(complain);
  }
}

/**
 * Calls and the agent's states come by different ways, each in its order, and a slow page is told only the newest state:
 * a call may end here before its state has come, or after the agent is free again.
 */
function putAwayEnded(): void {
  if (live.value?.call.value.status === "ended") void putAway();
}

function toSheets(callId: string, message: LiveMessage): void {
  for (const each of [live.value, past.value]) if (each?.id === callId) each.hear(message);
}

const BUSY = ["ringing", "talking", "wrap_up"];

function ownState(status: AgentStatus, way: "channel" | "answer"): void {
  if (!replaces(agent.value, status, way)) return;
  const before = state.value;
  agent.value = status;
  if (status.state !== "ringing") offer.value = null;
  if (BUSY.includes(status.state)) {
    if (status.state === "wrap_up" && !live.value) void refetch();
  } else if (BUSY.includes(before)) {
    void putAway().then(refetchRecent).catch(complain);
  } else {
    putAwayEnded();
  }
}

export async function command(wish: Command, extension?: string): Promise<void> {
  const open = live.value;
  if (wish === "set_ready" && open && open.ticket.status === "draft" && state.value === "wrap_up") {
    if (warnedCall !== open.id) {
      warnedCall = open.id;
      ElMessage({ message: t("command.unsubmitted"), type: "warning", duration: 6000, showClose: true });
      return;
    }
  }
  try {
    await open?.flush();
    const reply = await api.command(wish, extension);
    if (reply.status) ownState(reply.status, "answer");
    if (!reply.accepted) refuse(refusalText(reply, { extension: extension ?? agent.value?.extension ?? "" }));
  } catch (error) {
    complain(error);
  }
}

export async function hangUp(): Promise<void> {
  if (!live.value || live.value.call.value.status !== "talking") return;
  try {
    const reply = await api.hangUp(live.value.id);
    if (!reply.accepted) refuse(t("call.hang_up.refused", { reason: refusalText(reply) }));
  } catch (error) {
    complain(error);
  }
}

export async function submit(): Promise<void> {
  const open = sheet.value;
  if (!open || open.ticket.status === "submitted") return;
  try {
    const number = await open.submit();
    ElMessage({ message: t("ticket.submitted", { number }), type: "success", duration: 5000 });
    await refetchRecent();
  } catch (error) {
    if (error instanceof ApiError && error.status === 422) refuse(t("ticket.missing"));
    else complain(error);
  }
}

export function refuse(message: string): void {
  ElMessage({ message, type: "warning", duration: 6000, showClose: true });
}

export async function openPast(callId: string): Promise<void> {
  if (callId === live.value?.id) return closePast();
  try {
    const view = await api.call(callId);
    closePast();
    past.value = new CallSheet(view, merged);
    channel?.watch(callId, true);
  } catch (error) {
    complain(error);
  }
}

export function closePast(): void {
  const open = past.value;
  if (!open) return;
  void open.flush();
  channel?.watch(open.id, false);
  past.value = null;
}

export async function leave(): Promise<void> {
  await live.value?.flush();
  await past.value?.flush();
  await api.signOut().catch(() => undefined); // without a server there is no session to end
  stop();
  user.value = null;
  await router.push("/sign-in");
}
