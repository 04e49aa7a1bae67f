import type { Utterance } from "../api/contract";
import type { Piece } from "./highlight";

/** Fewer than 3 of 4 characters that are held so unlikely are right (docs/asr.md has the measurement). */
export const FAINT_BELOW = 0.7;

/** A piece of what was said; faint: its characters are doubtful. */
export interface SaidPiece extends Piece {
  faint: boolean;
}

/** Whether so much of a final is doubtful that the whole of it is to be asked for again. */
export function isDoubtful(said: Utterance): boolean {
  return said.final && (said.confidence ?? 1) < FAINT_BELOW;
}

/** The text cut where it begins or ends to be marked (half-open ranges of characters) or doubtful. */
export function saidPieces(said: Utterance, marks: readonly (readonly [number, number])[]): SaidPiece[] {
  // The server counts characters (code points); JavaScript strings count UTF-16 units.
  const chars = Array.from(said.text);
  const told = said.char_confidence ?? [];
  const confidence = said.final && told.length === chars.length ? told : [];
  const pieces: SaidPiece[] = [];
  chars.forEach((char, index) => {
    const marked = marks.some(([from, to]) => index >= from && index < to);
    const faint = (confidence[index] ?? 1) < FAINT_BELOW;
    const last = pieces[pieces.length - 1];
    if (last && last.marked === marked && last.faint === faint) last.text += char;
    else pieces.push({ text: char, marked, faint });
  });
  return pieces;
}
