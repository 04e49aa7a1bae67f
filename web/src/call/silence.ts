import type { CallSummary } from "../api/contract";

/** For how many whole seconds the call has been silent; null while people speak. */
export function silentSeconds(call: Pick<CallSummary, "talk">, now_ms: number): number | null {
  const since_ms = call.talk?.silent_since_ms ?? null;
  return since_ms === null ? null : Math.max(0, Math.floor((now_ms - since_ms) / 1000));
}
