import { describe, expect, it } from "vitest";

import { FIELD_NAMES, type FieldName, type Ticket } from "../api/contract";
import * as drafts from "./ticket_draft";

function ticket(values: Partial<Record<FieldName, string>>, version = 0, draft_version = 1): Ticket {
  const fields = Object.fromEntries(
    FIELD_NAMES.map((name) => {
      const value = values[name] ?? "";
      return [name, { value, draft_value: value, edited: false, confidence: 0.9, evidence: [] }];
    }),
  ) as unknown as Ticket["fields"];
  return { call_id: "c", status: "draft", number: null, version, draft_version, fields, submitted_at_ms: null };
}

describe("a draft that comes in", () => {
  it("fills what nobody touched", () => {
    const now = drafts.receive(drafts.draftOf(ticket({})), ticket({ title: "路灯不亮" }, 0, 2));
    expect(drafts.shown(now, "title").value).toBe("路灯不亮");
  });

  it("does not overwrite what was typed, sent or not", () => {
    const typed = drafts.type(drafts.draftOf(ticket({ title: "旧" })), "title", "我的");
    const later = ticket({ title: "机器的" }, 0, 2);
    expect(drafts.shown(drafts.receive(typed, later), "title").value).toBe("我的");
    expect(drafts.shown(drafts.receive(drafts.send(typed), later), "title").value).toBe("我的");
  });

  it("does not change the field in which the cursor stands, until it leaves", () => {
    const focused = drafts.focus(drafts.draftOf(ticket({ title: "旧" })), "title");
    const now = drafts.receive(focused, ticket({ title: "新", location: "人民路" }, 0, 2));
    expect(drafts.shown(now, "title").value).toBe("旧");
    expect(drafts.shown(now, "location").value).toBe("人民路");
    expect(drafts.shown(drafts.leave(now, "title"), "title").value).toBe("新");
  });

  it("is not believed when it is older, or of another call", () => {
    const now = drafts.draftOf(ticket({ title: "新" }, 2, 5));
    expect(drafts.receive(now, ticket({ title: "旧" }, 1, 9))).toBe(now);
    expect(drafts.receive(now, ticket({ title: "旧" }, 2, 4))).toBe(now);
    expect(drafts.receive(now, { ...ticket({}, 9), call_id: "other" })).toBe(now);
  });
});

describe("an edit", () => {
  it("can be given back to the draft", () => {
    const base = ticket({ title: "机器的" });
    const typed = drafts.type(drafts.draftOf(base), "title", "我的");
    const restored = drafts.restore(typed, "title");
    expect(drafts.shown(restored, "title")).toMatchObject({ value: "机器的", edited: false });
    expect(restored.typed).toEqual({ title: null });
  });

  it("that could not be stored counts as typed, under what was typed since", () => {
    let now = drafts.type(drafts.type(drafts.draftOf(ticket({})), "title", "一"), "location", "甲");
    now = drafts.type(drafts.send(now), "title", "二");
    now = drafts.notStored(now, ticket({ summary: "别人写的" }, 3));
    expect(now.typed).toEqual({ title: "二", location: "甲" });
    expect(now.ticket.version).toBe(3);
    expect(drafts.shown(now, "summary").value).toBe("别人写的");
  });

  it("loses the evidence of the machine's value", () => {
    const base = ticket({ title: "机器的" });
    base.fields.title.evidence = [{ utterance_id: "u", chars: [0, 1], ms: [0, 1], quote: "机", rule: "r" }];
    const before = drafts.draftOf(base);
    expect(drafts.standsOnEvidence(drafts.shown(before, "title"))).toBe(true);
    expect(drafts.standsOnEvidence(drafts.shown(drafts.type(before, "title", "x"), "title"))).toBe(false);
  });
});
