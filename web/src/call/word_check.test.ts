import { expect, test } from "vitest";

import type { TicketField, Utterance } from "../api/contract";
import { wordsToCheck } from "./word_check";

const TEXT = "在人民路28号。";

function said(char_confidence: number[]): Utterance {
  return {
    call_id: "c",
    side: "caller",
    utterance_id: "u",
    start_ms: 0,
    end_ms: 900,
    text: TEXT,
    final: true,
    confidence: 0.8,
    health: "live",
    char_confidence,
  };
}

function field(more: Partial<TicketField> = {}): TicketField {
  const evidence = [{ utterance_id: "u", chars: [1, 7] as [number, number], ms: [0, 1] as [number, number], quote: "人民路28号", rule: "r" }];
  return { value: "人民路28号", draft_value: "人民路28号", edited: false, confidence: 0.5, evidence, ...more };
}

const HALF = [0.1, 0.4, 0.4, 0.9, 0.9, 0.3, 0.9, 0.1];

test("the doubtful characters of a place are to be checked, and none beside it", () => {
  expect(wordsToCheck("location", field(), [said(HALF)])).toBe("人民、8");
});

test("sure characters, other fields, what the agent wrote, and engines that tell nothing need no check", () => {
  expect(wordsToCheck("location", field(), [said(Array(8).fill(0.9))])).toBe("");
  expect(wordsToCheck("title", field(), [said(HALF)])).toBe("");
  expect(wordsToCheck("location", field({ edited: true }), [said(HALF)])).toBe("");
  expect(wordsToCheck("location", field(), [said([])])).toBe("");
  expect(wordsToCheck("location", field(), [])).toBe("");
});
