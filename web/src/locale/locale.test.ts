import { describe, expect, it, vi } from "vitest";

await import("vue"); // before there is a document, which it would take for a real one
vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
vi.stubGlobal("document", { documentElement: { lang: "" } });
const { changeText } = await import("./locale");

describe("why an agent's state changed", () => {
  it("is said in the agent's words", () => {
    expect(changeText("no answer")).toContain("未接听");
    expect(changeText("wrap-up time is over")).toBe("");
  });

  it("names the team leader who changed it, and the leader's words", () => {
    expect(changeText("forced by 陈班长: 开会")).toBe("陈班长 已将您转为小休：开会");
    expect(changeText("forced by 陈班长: ")).toBe("陈班长 已将您转为小休。");
  });
});
