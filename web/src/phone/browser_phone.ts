import { computed, ref, shallowRef, watch } from "vue";

import { ApiError, api } from "../api/client";
import type { PhoneCommand, PhoneView } from "../api/contract";
import { backoff_ms } from "../api/live";
import { agent, link, phoneView } from "../session/desk_state";
import { user } from "../session/session";
import { input, listDevices, output } from "./devices";
import { LevelMeter } from "./level";
import { MicrophoneError, type MicrophoneProblem, openMicrophone } from "./microphone";
import { Peer } from "./peer";
import { Ringer } from "./ringer";
import { standing } from "./standing";

/**
 * off → opening (the microphone) → connecting → up ⇄ lost (connects again by itself). blocked: the agent must do
 * something first; replaced: another page is the telephone now.
 */
export type Phase = "off" | "opening" | "connecting" | "up" | "lost" | "blocked" | "replaced";

const ALIVE_EVERY_MS = 8000;
const AUTO_ANSWER_AFTER_MS = 600;
const AUTO_ANSWER = "hotline.phone.auto_answer";

export const phase = ref<Phase>("off");
export const problem = ref<MicrophoneProblem | "silenced" | "">("");
export const call = shallowRef<PhoneView["call"]>(null);
export const muted = ref(false);
export const level = ref(0);
export const autoAnswer = ref(localStorage.getItem(AUTO_ANSWER) === "yes");

/** The extension of this agent's browser; "" for who takes no calls. */
export const ownExtension = computed(() => (user.value?.agent_id ? `web-${user.value.agent_id}` : ""));
/** Whether the agent is signed in at this browser. */
export const inUse = computed(
  () => agent.value !== null && agent.value.state !== "signed_out" && agent.value.extension === ownExtension.value,
);

const speaker = new Audio();
const ringer = new Ringer();
let peer: Peer | null = null;
let microphone: MediaStream | null = null;
let meter: LevelMeter | null = null;
let connectionId = "";
let confirmed = false;
let attempt = 0;
let retrying = 0;
let alive = 0;
let round = 0;

speaker.autoplay = true;
// A page that was loaded anew may not sound before the agent has touched it.
speaker.addEventListener("canplay", () => void sound());
watch(muted, (on) => microphone?.getAudioTracks().forEach((track) => (track.enabled = !on)));
watch(autoAnswer, (on) => localStorage.setItem(AUTO_ANSWER, on ? "yes" : "no"));
watch(output, (id) => void speaker.setSinkId?.(id).catch(() => (output.value = "")), { immediate: true });
watch(input, () => void changeMicrophone());
watch(phoneView, (view) => view && adopt(view));
watch(link, (now) => now === "up" && void tell("stay_alive"));
watch(inUse, (now, before) => {
  if (now && phase.value === "off") void use();
  else if (before && !now) void leave();
});
navigator.mediaDevices?.addEventListener("devicechange", () => void changed());

/** Be the telephone from now on; resolves when it is up, or when it is known that it is not. */
export async function use(): Promise<void> {
  if (phase.value === "up" || phase.value === "connecting") return;
  window.clearTimeout(retrying);
  window.clearInterval(alive);
  alive = window.setInterval(() => void tell("stay_alive"), ALIVE_EVERY_MS);
  attempt = 0;
  await connect();
}

/** No longer be the telephone. */
export async function leave(): Promise<void> {
  if (phase.value === "off") return;
  const told = phase.value === "up" ? tell("leave_phone") : Promise.resolve();
  end("off");
  problem.value = "";
  await told;
}

export async function take(): Promise<void> {
  if (call.value?.stage === "ringing") await tell("take_call", call.value.number);
}

/** Lay the receiver down, whether it rings or somebody talks. */
export async function layDown(): Promise<void> {
  if (call.value?.stage === "ringing") await tell("refuse_call", call.value.number);
  else if (call.value) await tell("end_call", call.value.number);
}

/** Let the far end, and the agent's own ears, be heard: after a click, where the browser asks for one. */
export async function sound(): Promise<void> {
  try {
    await speaker.play();
    if (problem.value === "silenced") problem.value = "";
  } catch {
    problem.value = "silenced";
  }
}

/** A short tone, to hear whether the loudspeaker is the right one. */
export function beep(): void {
  ringer.beep();
}

async function connect(): Promise<void> {
  const mine = ++round;
  const stale = () => mine !== round;
  try {
    phase.value = microphone ? (attempt ? "lost" : "connecting") : "opening";
    await ensureMicrophone();
    if (stale()) return;
    phase.value = attempt ? "lost" : "connecting";
    const next = new Peer(speaker, () => mine === round && lost());
    const connection = await api.connectPhone(await next.offer());
    if (stale()) return next.close();
    peer?.close();
    peer = next;
    connectionId = connection.connection_id;
    confirmed = false;
    const reached = await next.connect(connection.answer);
    if (stale()) return next.close();
    if (!reached) return again();
    attempt = 0;
    phase.value = "up";
    await tell("stay_alive");
  } catch (error) {
    if (!stale()) failed(error);
  }
}

function failed(error: unknown): void {
  if (error instanceof MicrophoneError) {
    end("blocked");
    problem.value = error.problem;
  } else if (error instanceof ApiError && (error.status === 401 || error.status === 403)) end("off");
  else again();
}

function lost(): void {
  attempt = Math.max(attempt, 1);
  ringer.stop();
  void connect();
}

function again(): void {
  phase.value = "lost";
  retrying = window.setTimeout(() => void connect(), backoff_ms(attempt++));
}

/** Everything is given back; `phase` says why. */
function end(why: Phase): void {
  round++;
  window.clearTimeout(retrying);
  window.clearInterval(alive);
  ringer.stop();
  peer?.close();
  peer = null;
  connectionId = "";
  meter?.stop();
  meter = null;
  microphone?.getTracks().forEach((track) => track.stop());
  microphone = null;
  call.value = null;
  level.value = 0;
  phase.value = why;
}

/** A desk that does not answer is no reason to give the sound up. */
async function tell(command: PhoneCommand, number = 0): Promise<void> {
  const asked = connectionId;
  if (!asked || !peer) return;
  try {
    const reply = await api.phone(asked, command, number);
    if (asked !== connectionId) return;
    if (reply.phone) adopt(reply.phone);
    else if (reply.code === "no_connection" && phase.value === "up") lost();
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) end("off");
  }
}

function adopt(view: PhoneView): void {
  switch (standing(view, connectionId, confirmed)) {
    case "ours":
      confirmed = true;
      return follow(view.call);
    case "replaced":
      return end("replaced");
    case "gone":
      if (phase.value === "up") lost();
  }
}

function follow(now: PhoneView["call"]): void {
  const before = call.value;
  call.value = now;
  const talks = now?.stage === "talking" || now?.stage === "held";
  if (talks && before?.number !== now.number) muted.value = false;
  void peer?.speak(talks ? (microphone?.getAudioTracks()[0] ?? null) : null);
  if (now?.stage !== "ringing") ringer.stop();
  else if (before?.number !== now.number || before.stage !== "ringing") announce(now.number, now.at_once);
}

function announce(number: number, atOnce: boolean): void {
  if (!autoAnswer.value && !atOnce) return ringer.ring();
  ringer.beep();
  window.setTimeout(() => call.value?.number === number && void take(), AUTO_ANSWER_AFTER_MS);
}

async function ensureMicrophone(): Promise<void> {
  if (microphone?.getAudioTracks()[0]?.readyState === "live") return;
  problem.value = problem.value === "silenced" ? "silenced" : "";
  microphone = await openMicrophone(input.value);
  microphone.getAudioTracks().forEach((track) => {
    track.enabled = !muted.value;
    track.onended = () => void changeMicrophone();
  });
  meter?.stop();
  meter = new LevelMeter(microphone, (now) => (level.value = now));
  await listDevices();
}

/** Another one was chosen, or the one in use was pulled out: the call goes on with the next. */
async function changeMicrophone(): Promise<void> {
  if (!microphone) return;
  microphone.getTracks().forEach((track) => {
    track.onended = null;
    track.stop();
  });
  try {
    await ensureMicrophone();
    if (call.value) follow(call.value);
  } catch (error) {
    failed(error);
  }
}

async function changed(): Promise<void> {
  await listDevices();
  if (phase.value === "blocked" && inUse.value) await use();
}
