import { describe, expect, it } from "vitest";

import type { Talk } from "../api/contract";
import { silentSeconds } from "./silence";

const TALK: Talk = { phase: "talking", muted: false, third: null, leader_id: "", supervision: null, can: [] };

describe("the seconds of silence", () => {
  it("count from the last voice", () => {
    expect(silentSeconds({ talk: { ...TALK, silent_since_ms: 1_000 } }, 32_900)).toBe(31);
  });
  it("are none while people speak or nobody is there", () => {
    expect(silentSeconds({ talk: { ...TALK, silent_since_ms: null } }, 9_000)).toBeNull();
    expect(silentSeconds({ talk: TALK }, 9_000)).toBeNull();
    expect(silentSeconds({ talk: null }, 9_000)).toBeNull();
  });
  it("are never negative when the clocks differ", () => {
    expect(silentSeconds({ talk: { ...TALK, silent_since_ms: 9_000 } }, 8_000)).toBe(0);
  });
});
