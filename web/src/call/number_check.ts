import type { Evidence, SpokenNumber, TicketField, Utterance } from "../api/contract";
import { standsOnEvidence } from "./ticket_draft";

/** Whether a number in what was said has to be confirmed with whom said it. */
export function hasUnsureNumber(said: Utterance): boolean {
  return (said.numbers ?? []).some((number) => !number.sure);
}

/** The numbers that a field may mean, the likeliest first, none for whom may not see them; null: nothing to confirm. */
export function toConfirm(field: TicketField, transcript: readonly Utterance[]): string[] | null {
  if (field.edited || !standsOnEvidence(field)) return null;
  const meant = field.evidence.flatMap((each) => numbersAt(each, transcript));
  if (meant.length === 0 || meant.some((number) => number.sure)) return null;
  return [...new Set(meant.flatMap((number) => number.candidates))];
}

/** A ticket number that somebody read out. candidates: it and what else it may be; none for whom may not see numbers. */
export interface MentionedTicket {
  digits: string;
  sure: boolean;
  candidates: string[];
}

/** The ticket numbers of a call, each once, a sure one before it is said again unsurely; in the order of their saying. */
export function mentionedTickets(transcript: readonly Utterance[]): MentionedTicket[] {
  const found = new Map<string, MentionedTicket>();
  for (const number of transcript.flatMap((said) => said.numbers ?? [])) {
    if (number.kind !== "ticket") continue;
    const before = found.get(number.digits);
    if (!before || (number.sure && !before.sure)) {
      found.set(number.digits, { digits: number.digits, sure: number.sure, candidates: number.sure ? [number.digits] : number.candidates });
    }
  }
  return [...found.values()];
}

function numbersAt(evidence: Evidence, transcript: readonly Utterance[]): SpokenNumber[] {
  const said = transcript.find((each) => each.utterance_id === evidence.utterance_id);
  const [from, to] = evidence.chars;
  return (said?.numbers ?? []).filter((number) => number.start < to && from < number.end);
}
