import { ElMessage } from "element-plus/es/components/message/index.mjs";

import { api } from "../api/client";
import type {
  CallOrder,
  CallView,
  CommandReply,
  EmergencyCode,
  Passing,
  Supervision,
  TargetKind,
} from "../api/contract";
import { refusalText, t } from "../locale/locale";
import { complain, live, refuse, refetch } from "./desk_state";
import { user } from "./session";

/** By which calls know this user: the agent, or a team leader who has come into a call. */
export function ownLine(): string {
  return user.value?.agent_id || user.value?.username || "";
}

/** Whether this user is the agent of the call now, and so may do something with it. */
export function isOwn(call: CallView | null): boolean {
  return call !== null && call.status === "talking" && call.agent_id !== "" && call.agent_id === ownLine();
}

async function tell(asked: Promise<CommandReply>): Promise<CommandReply | null> {
  try {
    const reply = await asked;
    if (!reply.accepted) refuse(refusalText(reply));
    return reply;
  } catch (error) {
    complain(error);
    return null;
  }
}

function own(): CallView | null {
  const call = live.value?.call.value ?? null;
  return isOwn(call) ? call : null;
}

export async function order(wish: CallOrder): Promise<void> {
  const call = own();
  if (call) await tell(api.order(call.call_id, wish));
}

/** The same key holds and takes back. */
export async function toggleHold(): Promise<void> {
  await order(own()?.talk?.phase === "held" ? "resume" : "hold");
}

export async function toggleMute(): Promise<void> {
  await order(own()?.talk?.muted ? "unmute" : "mute");
}

export async function passOn(how: Passing, kind: TargetKind, to: string): Promise<boolean> {
  const call = own();
  return call !== null && (await tell(api.passOn(call.call_id, how, kind, to)))?.accepted === true;
}

/** What the agent typed about the place is stored first: it is what is written down of the emergency. */
export async function handOver(code: EmergencyCode): Promise<void> {
  const call = own();
  if (!call) return;
  await live.value?.flush();
  await tell(api.handOver(call.call_id, code));
}

export async function supervise(callId: string, how: Supervision, extension: string): Promise<void> {
  await tell(api.supervise(callId, how, extension));
}

/** Digits of what is written as a number; "" when there are none. */
export function dialable(text: string): string {
  const digits = text.replace(/[\s\-()（）]/g, "");
  return /^\+?\d{3,32}$/.test(digits) ? digits : "";
}

export async function dial(number: string): Promise<boolean> {
  const reply = await tell(api.dial(number));
  if (!reply?.accepted) return false;
  ElMessage({ message: t("dial.ringing"), type: "success", duration: 4000 });
  await refetch();
  return true;
}
