import { ref, watchEffect } from "vue";

import { ApiError } from "../api/client";
import { en } from "./en";
import { type Key, zh } from "./zh";

export type Language = "zh-CN" | "en";
export type { Key } from "./zh";

const STORED = "hotline.language";

export const language = ref<Language>(localStorage.getItem(STORED) === "en" ? "en" : "zh-CN");

watchEffect(() => {
  document.documentElement.lang = language.value;
  localStorage.setItem(STORED, language.value);
});

/** The words of `key` in the chosen language. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text = (language.value === "en" ? en : zh)[key];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Why a command was refused; the server's own words where it has a code that this page does not know. */
export function refusalText(reply: { code: string; reason: string }, values: Record<string, string> = {}): string {
  const key = `refused.${reply.code}`;
  return key in zh ? t(key as Key, values) : reply.reason;
}

const FORCED = /^forced by (.+?): (.*)$/s;

/** Why an agent's state changed though they did not ask for it; empty where nothing needs to be said. */
export function changeText(reason: string): string {
  const forced = FORCED.exec(reason);
  if (forced) return t(forced[2] ? "changed.forced_why" : "changed.forced", { by: forced[1] ?? "", why: forced[2] ?? "" });
  const key = `changed.${reason.replaceAll(" ", "_")}`;
  return key in zh ? t(key as Key) : "";
}

/** An error in the agent's words: what went wrong and what to do. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t("error.other", { message: String(error) });
  const key = `error.${error.code}`;
  if (key in zh) return t(key as Key);
  return t("error.other", { message: [error.message, error.remedy].filter(Boolean).join("; ") });
}
