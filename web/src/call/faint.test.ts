import { expect, test } from "vitest";

import type { Utterance } from "../api/contract";
import { isDoubtful, saidPieces } from "./faint";

function said(more: Partial<Utterance>): Utterance {
  const whole = { call_id: "c", side: "caller" as const, utterance_id: "c-0", start_ms: 0, end_ms: 900, health: "live" as const };
  return { ...whole, text: "政务大厅", final: true, confidence: 0.9, char_confidence: [0.9, 0.3, 0.4, 0.9], ...more };
}

test("doubtful characters are pieces of their own", () => {
  expect(saidPieces(said({}), [])).toEqual([
    { text: "政", marked: false, faint: false },
    { text: "务大", marked: false, faint: true },
    { text: "厅", marked: false, faint: false },
  ]);
});

test("marks cut them again", () => {
  const pieces = saidPieces(said({}), [[2, 4]]);
  expect(pieces.map((each) => [each.text, each.marked, each.faint])).toEqual([
    ["政", false, false],
    ["务", false, true],
    ["大", true, true],
    ["厅", true, false],
  ]);
});

test("a text beyond the basic plane is counted as the server counts it", () => {
  const pieces = saidPieces(said({ text: "𠮷祥大厅" }), []);
  expect(pieces.map((each) => each.text)).toEqual(["𠮷", "祥大", "厅"]);
});

test("confidences that do not belong to the text make nothing faint", () => {
  expect(saidPieces(said({ text: "政务" }), [])).toEqual([{ text: "政务", marked: false, faint: false }]);
  expect(saidPieces(said({ char_confidence: undefined }), [])[0]?.faint).toBe(false);
});

test("only finals of little confidence are doubtful as a whole", () => {
  expect(isDoubtful(said({ confidence: 0.4 }))).toBe(true);
  expect(isDoubtful(said({ confidence: 0.9 }))).toBe(false);
  expect(isDoubtful(said({ confidence: null, final: false }))).toBe(false);
});

test("what is not as the recogniser wrote it is a piece with its original", () => {
  const pieces = saidPieces(said({ char_confidence: [], corrections: [{ start: 0, end: 2, original: "证物" }] }), []);
  expect(pieces.map((each) => [each.text, each.original])).toEqual([
    ["政务", "证物"],
    ["大厅", undefined],
  ]);
});

test("words that are still being said show no originals", () => {
  const pieces = saidPieces(said({ final: false, corrections: [{ start: 0, end: 2, original: "证物" }] }), []);
  expect(pieces.some((each) => each.original)).toBe(false);
});

test("a number in digits is a piece with the words that were said", () => {
  const pieces = saidPieces(
    said({ text: "住18号楼", char_confidence: [], spoken: [{ start: 1, end: 3, words: "十八" }] }),
    [],
  );
  expect(pieces.map((each) => [each.text, each.words])).toEqual([
    ["住", undefined],
    ["18", "十八"],
    ["号楼", undefined],
  ]);
});
