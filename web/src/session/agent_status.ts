import type { AgentStatus } from "../api/contract";

/**
 * Whether a status that came by `way` may replace the shown one. The live channel tells the states in their order; an
 * answer to a command or a snapshot takes another way and may come after what has happened since.
 */
export function replaces(shown: AgentStatus | null, told: AgentStatus, way: "channel" | "answer"): boolean {
  if (!shown || shown.agent_id !== told.agent_id) return true;
  return way === "channel" ? told.at_ms >= shown.at_ms : told.at_ms > shown.at_ms;
}
