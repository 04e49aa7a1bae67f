import type { Utterance } from "../api/contract";

/** What was said so far, by time. */
export type Transcript = readonly Utterance[];

/**
 * The transcript after `said`: it replaces what has the same id, except that words still being said never replace
 * final ones, and empty ones take back what was shown of them. A final one also ends older unfinished words of its side, whose own final was lost.
 */
export function hear(transcript: Transcript, said: Utterance): Transcript {
  const known = transcript.find((each) => each.utterance_id === said.utterance_id);
  if (known?.final && !said.final) return transcript;
  const kept = transcript.filter((each) => each.utterance_id !== said.utterance_id && !ends(said, each));
  return said.text === "" ? kept : insert(kept, said);
}

/**
 * The transcript after the server told all final utterances. What it did not tell stays: unfinished words that go on, and
 * final ones that the live channel told while the answer was on its way.
 */
export function refresh(transcript: Transcript, finals: readonly Utterance[]): Transcript {
  const ordered = [...finals].sort((a, b) => a.start_ms - b.start_ms);
  const told = new Set(ordered.map((each) => each.utterance_id));
  const kept = transcript.filter((each) => !told.has(each.utterance_id) && !ordered.some((final) => ends(final, each)));
  return kept.reduce<Transcript>(insert, ordered);
}

/** What the caller seems to speak instead of Mandarin, as in Utterance.language; empty for Mandarin. */
export function callersLanguage(transcript: Transcript): string {
  const told = transcript.filter((each) => each.final && each.side === "caller");
  return told.map((each) => each.language ?? "").find((each) => each !== "") ?? "";
}

/** Only what is final: when the call is over nothing is being said any more, and while the link was down it may have been taken back. */
export function settle(transcript: Transcript): Transcript {
  return transcript.filter((each) => each.final);
}

/** Finals of a side come in order: older words that are unfinished still have lost theirs. */
function ends(final: Utterance, other: Utterance): boolean {
  return final.final && !other.final && other.side === final.side && other.start_ms < final.start_ms;
}

function insert(transcript: Transcript, said: Utterance): Transcript {
  const after = transcript.findIndex((each) => each.start_ms > said.start_ms);
  const place = after < 0 ? transcript.length : after;
  return [...transcript.slice(0, place), said, ...transcript.slice(place)];
}
