import { describe, expect, it } from "vitest";

import type { Utterance } from "../api/contract";
import { cutAt, cutAtWords } from "./highlight";
import { callersLanguage, hear, refresh, settle } from "./transcript";

function said(utterance_id: string, start_ms: number, text: string, more: Partial<Utterance> = {}): Utterance {
  return {
    call_id: "c",
    side: "caller",
    utterance_id,
    start_ms,
    end_ms: start_ms + 500,
    text,
    final: true,
    confidence: 0.9,
    health: "live",
    ...more,
  };
}

const texts = (all: readonly Utterance[]): string[] => all.map((each) => each.text);

describe("the caller's language", () => {
  it("is what a final of theirs names", () => {
    const plain = said("1", 0, "喂");
    expect(callersLanguage([plain, said("2", 900, "Hello", { language: "en" }), said("3", 1900, "好")])).toBe("en");
    expect(callersLanguage([plain, said("2", 900, "Hello", { language: "en", side: "agent" })])).toBe("");
    expect(callersLanguage([])).toBe("");
  });
});

describe("the transcript", () => {
  it("replaces unfinished words in place, and never final ones by unfinished", () => {
    let now = hear([], said("1", 0, "你", { final: false }));
    now = hear(now, said("2", 900, "您好", { side: "agent" }));
    now = hear(now, said("1", 0, "你好。"));
    now = hear(now, said("1", 0, "你", { final: false }));
    expect(texts(now)).toEqual(["你好。", "您好"]);
  });

  it("is ordered by time, whatever order it is heard in", () => {
    const now = [said("3", 30, "丙"), said("1", 10, "甲"), said("2", 20, "乙")].reduce(hear, [] as readonly Utterance[]);
    expect(texts(now)).toEqual(["甲", "乙", "丙"]);
  });

  it("takes back unfinished words that turn out to be none", () => {
    const now = hear([], said("1", 0, "嗯", { final: false }));
    expect(hear(now, said("1", 0, "", { final: false }))).toEqual([]);
  });

  it("lets go of unfinished words whose final one was lost, on the same side only", () => {
    let now = hear([], said("1", 0, "丢", { final: false }));
    now = hear(now, said("a", 5, "在说", { final: false, side: "agent" }));
    expect(texts(hear(now, said("2", 900, "后来。")))).toEqual(["在说", "后来。"]);
  });

  it("keeps what is being said when all final ones are told anew, until the call is over", () => {
    const now = refresh([said("9", 900, "正在", { final: false })], [said("2", 20, "乙"), said("1", 10, "甲")]);
    expect(texts(now)).toEqual(["甲", "乙", "正在"]);
    expect(texts(settle(now))).toEqual(["甲", "乙"]);
  });

  it("lets go of unfinished words whose final one was lost when all final ones are told anew, too", () => {
    const lost = said("1", 10, "丢", { final: false });
    const other = said("a", 15, "在说", { final: false, side: "agent" });
    expect(texts(refresh([lost, other], [said("2", 20, "后来。")]))).toEqual(["在说", "后来。"]);
  });

  it("keeps what was heard while an answer was on its way that does not have it yet", () => {
    const now = refresh([said("1", 10, "甲？"), said("2", 20, "乙")], [said("1", 10, "甲")]);
    expect(texts(now)).toEqual(["甲", "乙"]);
  });
});

describe("a highlight", () => {
  it("counts characters as the server does, also outside the basic plane", () => {
    expect(cutAt("𠮷林路3号", [[1, 3]])).toEqual([
      { text: "𠮷", marked: false },
      { text: "林路", marked: true },
      { text: "3号", marked: false },
    ]);
  });

  it("marks overlapping and repeated words once", () => {
    expect(cutAtWords("社保卡社保", ["社保", "社保卡", ""]).filter((each) => each.marked)).toEqual([
      { text: "社保卡社保", marked: true },
    ]);
  });
});
