import { expect, test } from "vitest";

import type { SecondTranscript, Utterance } from "../api/contract";
import { differences, readingOf, secondState } from "./two_readings";

function said(text: string, more: Partial<Utterance> = {}): Utterance {
  const whole = { call_id: "c", side: "caller" as const, utterance_id: "c-0", start_ms: 0, end_ms: 900, health: "live" as const };
  return { ...whole, text, final: true, confidence: 0.9, ...more };
}

const second: SecondTranscript = { version: "v", state: "done", at_ms: 1, utterances: [said("政务大厅", { utterance_id: "v-0" })] };

test("other characters are found, punctuation is none of them", () => {
  expect(differences(said("我要去政务大厅。"), [said("我要，去证物大厅")])).toEqual([[3, 5]]);
  expect(differences(said("政务"), [said("政务。")])).toEqual([]);
});

test("only the same side at the same time is compared", () => {
  expect(differences(said("停水"), [said("停水", { side: "agent" }), said("停水", { start_ms: 900, end_ms: 1000 })])).toEqual([[0, 2]]);
  const halves = [said("停水", { end_ms: 400 }), said("三天", { start_ms: 500, end_ms: 900 })];
  expect(differences(said("停水三天"), halves)).toEqual([]);
});

test("characters beyond the basic plane are counted as the server counts them", () => {
  expect(differences(said("𠮷祥路"), [said("𠮷样路")])).toEqual([[1, 2]]);
});

test("a call that is over waits for its second transcript, whose words are known by their ids", () => {
  expect(secondState("talking", null)).toBeNull();
  expect(secondState("ended", null)).toBe("waiting");
  expect(secondState("ended", second)).toBe("done");
  expect([readingOf("v-0", second), readingOf("c-0", second), readingOf("c-0", null)]).toEqual(["second", "live", "live"]);
});
