import { describe, expect, it } from "vitest";

import type { PhoneView } from "../api/contract";
import { levelOf } from "./level";
import { problemOf } from "./microphone";
import { standing } from "./standing";

function view(connection_id: string): PhoneView {
  return { agent_id: "8001", connection_id, up: true, call: null };
}

describe("how a page stands to the telephone", () => {
  it("is ours as soon as the switch names this page's connection", () => {
    expect(standing(view("a"), "a", false)).toBe("ours");
    expect(standing(view("a"), "a", true)).toBe("ours");
  });
  it("is not known while the switch still names the connection before", () => {
    expect(standing(view("old"), "a", false)).toBe("unknown");
    expect(standing(view(""), "a", false)).toBe("unknown");
    expect(standing(view("a"), "", false)).toBe("unknown");
  });
  it("is another page's, or nobody's, once ours was named", () => {
    expect(standing(view("b"), "a", true)).toBe("replaced");
    expect(standing(view(""), "a", true)).toBe("gone");
  });
});

describe("the level", () => {
  const sine = (peak: number) => Float32Array.from({ length: 1000 }, (_, at) => peak * Math.sin(at / 5));
  it("is 0 for silence and rises with loudness up to 1", () => {
    expect(levelOf(new Float32Array(100))).toBe(0);
    expect(levelOf(new Float32Array(0))).toBe(0);
    expect(levelOf(sine(0.01))).toBeLessThan(levelOf(sine(0.1)));
    expect(levelOf(sine(1))).toBeGreaterThan(0.9);
    expect(levelOf(Float32Array.from({ length: 10 }, () => 1))).toBe(1);
  });
});

describe("what the browser says of a microphone", () => {
  it("has words for the agent", () => {
    expect(problemOf("NotAllowedError")).toBe("denied");
    expect(problemOf("NotFoundError")).toBe("missing");
    expect(problemOf("NotReadableError")).toBe("busy");
    expect(problemOf("TypeError")).toBe("unsupported");
  });
});
