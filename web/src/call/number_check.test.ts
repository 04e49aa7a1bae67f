import { expect, test } from "vitest";

import type { SpokenNumber, TicketField, Utterance } from "../api/contract";
import { hasUnsureNumber, mentionedTickets, toConfirm } from "./number_check";

const DIGITS = "13812345678";
const OTHER = "13812345675";

function said(utterance_id: string, more: Partial<SpokenNumber> = {}): Utterance {
  const number = { start: 3, end: 14, kind: "mobile" as const, digits: DIGITS, sure: false, candidates: [DIGITS, OTHER] };
  return {
    call_id: "c",
    side: "caller",
    utterance_id,
    start_ms: 0,
    end_ms: 900,
    text: `电话是${DIGITS}。`,
    final: true,
    confidence: 0.6,
    health: "live",
    numbers: [{ ...number, ...more }],
  };
}

function field(ids: string[], more: Partial<TicketField> = {}): TicketField {
  const evidence = ids.map((utterance_id) => ({
    utterance_id,
    chars: [3, 14] as [number, number],
    ms: [0, 1] as [number, number],
    quote: DIGITS,
    rule: "r",
  }));
  return { value: DIGITS, draft_value: DIGITS, edited: false, confidence: 0.5, evidence, ...more };
}

test("an unsure number is to be confirmed, with what else it may be", () => {
  expect(hasUnsureNumber(said("u"))).toBe(true);
  expect(toConfirm(field(["u"]), [said("u")])).toEqual([DIGITS, OTHER]);
});

test("who may not see the number is told all the same that it is unsure", () => {
  expect(toConfirm(field(["u"]), [said("u", { candidates: [] })])).toEqual([]);
});

test("a sure number, one said again surely, and one that the agent wrote need nothing", () => {
  expect(hasUnsureNumber(said("u", { sure: true }))).toBe(false);
  expect(toConfirm(field(["u"]), [said("u", { sure: true })])).toBeNull();
  expect(toConfirm(field(["u", "v"]), [said("u"), said("v", { sure: true })])).toBeNull();
  expect(toConfirm(field(["u"], { edited: true }), [said("u")])).toBeNull();
});

test("another number in the same words is not meant", () => {
  expect(toConfirm(field(["u"]), [said("u", { start: 14, end: 25 })])).toBeNull();
});

test("the ticket numbers of a call stand once each, and a sure hearing is the better one", () => {
  const [one, other] = ["20261105000080", "20261105000088"];
  const unsure = said("u", { kind: "ticket", digits: one, candidates: [one, other] });
  expect(mentionedTickets([said("t"), unsure])).toEqual([{ digits: one, sure: false, candidates: [one, other] }]);
  const sure = said("v", { kind: "ticket", digits: one, sure: true, candidates: [one] });
  const whole = { digits: one, sure: true, candidates: [one] };
  expect(mentionedTickets([unsure, sure])).toEqual([whole]);
  expect(mentionedTickets([sure, unsure])).toEqual([whole]);
});
