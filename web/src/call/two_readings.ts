import type { CallStatus, SecondTranscript, Utterance } from "../api/contract";
import type { Transcript } from "./transcript";

/** Which transcript is shown: the one heard live (实时), or the one written from the recording (复核). */
export type Reading = "live" | "second";

export type SecondState = "waiting" | "under_way" | "done" | "unreadable";

/** How far the second transcript of a call is that is over; null while it goes on. */
export function secondState(status: CallStatus, second: SecondTranscript | null): SecondState | null {
  if (status !== "ended") return null;
  return second?.state ?? "waiting";
}

/** The reading in which an utterance stands; an unknown one counts as live. */
export function readingOf(utterance_id: string, second: SecondTranscript | null): Reading {
  return second?.utterances.some((each) => each.utterance_id === utterance_id) ? "second" : "live";
}

/** Where `said` has other characters than the same side at the same time in `other`: half-open ranges. */
export function differences(said: Utterance, other: Transcript): [number, number][] {
  const beside = other.filter((each) => each.side === said.side && each.start_ms < said.end_ms && said.start_ms < each.end_ms);
  const chars = Array.from(said.text);
  const theirs = Array.from(beside.map((each) => each.text).join("")).filter(sounds);
  const mine = chars.map((char, place) => ({ char, place })).filter((each) => sounds(each.char));
  const same = common(mine.map((each) => each.char), theirs);
  const ranges: [number, number][] = [];
  mine.forEach(({ place }, index) => {
    if (same[index]) return;
    const last = ranges[ranges.length - 1];
    if (last && last[1] === place) last[1] = place + 1;
    else ranges.push([place, place + 1]);
  });
  return ranges;
}

/** Punctuation is no difference. */
function sounds(char: string): boolean {
  return /[\p{L}\p{N}]/u.test(char);
}

/** Which of `mine` belong to a longest common subsequence with `theirs`. */
function common(mine: readonly string[], theirs: readonly string[]): boolean[] {
  const width = theirs.length + 1;
  const lengths = new Uint16Array((mine.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = mine.length - 1; row >= 0; row--)
    for (let column = theirs.length - 1; column >= 0; column--)
      lengths[row * width + column] =
        mine[row] === theirs[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const same = mine.map(() => false);
  for (let row = 0, column = 0; row < mine.length && column < theirs.length; ) {
    if (mine[row] === theirs[column]) {
      same[row++] = true;
      column++;
    } else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return same;
}
