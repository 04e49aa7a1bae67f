import type { Utterance } from "../api/contract";
import type { Piece } from "./highlight";

/** Fewer than 3 of 4 characters that are held so unlikely are right (docs/asr.md has the measurement). */
export const FAINT_BELOW = 0.7;

/** A piece of what was said; faint: its characters are doubtful; changed: the other transcript has other ones here;
 *  original: what the recogniser had written in their place; words: what was said where they are a number in digits. */
export interface SaidPiece extends Piece {
  faint: boolean;
  changed?: boolean;
  original?: string;
  words?: string;
}

/** Whether so much of a final is doubtful that the whole of it is to be asked for again. */
export function isDoubtful(said: Utterance): boolean {
  return said.final && (said.confidence ?? 1) < FAINT_BELOW;
}

function isAlike(one: SaidPiece, other: SaidPiece): boolean {
  const kinds = ["marked", "faint", "changed", "original", "words"] as const;
  return kinds.every((kind) => one[kind] === other[kind]);
}

type Ranges = readonly (readonly [number, number])[];

/** The text cut where it begins or ends to be marked, changed (half-open ranges of characters) or doubtful. */
export function saidPieces(said: Utterance, marks: Ranges, changes: Ranges = []): SaidPiece[] {
  const within = (ranges: Ranges, index: number): boolean => ranges.some(([from, to]) => index >= from && index < to);
  // The server counts characters (code points); JavaScript strings count UTF-16 units.
  const chars = Array.from(said.text);
  const told = said.char_confidence ?? [];
  const confidence = said.final && told.length === chars.length ? told : [];
  const corrections = said.final ? (said.corrections ?? []) : [];
  const spoken = said.final ? (said.spoken ?? []) : [];
  const pieces: SaidPiece[] = [];
  chars.forEach((char, index) => {
    const marked = within(marks, index);
    const changed = within(changes, index) || undefined;
    const faint = (confidence[index] ?? 1) < FAINT_BELOW;
    const original = corrections.find((each) => index >= each.start && index < each.end)?.original;
    const words = spoken.find((each) => index >= each.start && index < each.end)?.words;
    const last = pieces[pieces.length - 1];
    const piece: SaidPiece = { text: char, marked, faint, changed, original, words };
    if (last && isAlike(last, piece)) last.text += char;
    else pieces.push(piece);
  });
  return pieces;
}
