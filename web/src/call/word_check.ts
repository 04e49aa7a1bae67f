import type { FieldName, TicketField, Utterance } from "../api/contract";
import { FAINT_BELOW } from "./faint";
import { standsOnEvidence } from "./ticket_draft";

/** Fields of which each character counts, and that are written as they were heard. */
const LITERAL: readonly FieldName[] = ["location", "caller_name", "callback_number"];

/** The doubtful characters that a field stands on and that the agent has to ask for, as they were written; "": none. */
export function wordsToCheck(name: FieldName, field: TicketField, transcript: readonly Utterance[]): string {
  if (!LITERAL.includes(name) || field.edited || !standsOnEvidence(field)) return "";
  const doubtful = field.evidence.flatMap((each) => {
    const said = transcript.find((one) => one.utterance_id === each.utterance_id);
    return said ? faintRuns(said, each.chars) : [];
  });
  return [...new Set(doubtful)].join("、");
}

function faintRuns(said: Utterance, [from, to]: readonly [number, number]): string[] {
  const chars = Array.from(said.text);
  const confidence = said.char_confidence ?? [];
  if (confidence.length !== chars.length) return [];
  const faint = chars.map((char, index) => (index >= from && index < to && (confidence[index] ?? 1) < FAINT_BELOW ? char : " "));
  return faint.join("").split(/[\s，。？！、]+/).filter(Boolean);
}
