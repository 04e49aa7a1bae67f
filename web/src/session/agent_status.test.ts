import { describe, expect, it } from "vitest";

import type { AgentStatus } from "../api/contract";
import { replaces } from "./agent_status";

function status(at_ms: number, agent_id = "8001"): AgentStatus {
  return { agent_id, name: "", extension: "8001", state: "ready", since_ms: 0, at_ms, call_id: "", reason: "", phone_registered: true };
}

describe("an agent's status", () => {
  it("is not taken back by an answer that comes late", () => {
    expect(replaces(status(20), status(10), "answer")).toBe(false);
    expect(replaces(status(20), status(20), "answer")).toBe(false);
    expect(replaces(status(20), status(30), "answer")).toBe(true);
  });

  it("follows the live channel, where several states can share a millisecond", () => {
    expect(replaces(status(20), status(20), "channel")).toBe(true);
    expect(replaces(status(20), status(10), "channel")).toBe(false);
  });

  it("is taken when none, or another agent's, is shown", () => {
    expect(replaces(null, status(0), "answer")).toBe(true);
    expect(replaces(status(20), status(10, "8002"), "answer")).toBe(true);
  });
});
