/** The desk's HTTP and live API, as docs/contracts.md has it. Times are Unix ms unless they are on the media clock. */

export type AgentState = "signed_out" | "ready" | "ringing" | "talking" | "wrap_up" | "break";
export type Side = "caller" | "agent";
export type Health = "live" | "slower" | "finals_only" | "after_call" | "off";
export type CallStatus = "ivr" | "waiting" | "ringing" | "talking" | "ended";
export type Role = "agent" | "leader" | "qa" | "admin";
export type Command = "sign_in" | "set_ready" | "take_break" | "sign_out";

export const FIELD_NAMES = [
  "appeal_type",
  "urgency",
  "title",
  "summary",
  "location",
  "category",
  "department",
  "caller_name",
  "callback_number",
] as const;
export type FieldName = (typeof FIELD_NAMES)[number];

/** DB12/T 1438-2025 and the four levels of feedback, as domain/ticket.py has them. */
export const APPEAL_TYPES = ["咨询", "求助", "投诉", "举报", "建议", "表扬"] as const;
export const URGENCIES = ["特急", "紧急", "一般", "复杂"] as const;

export interface User {
  id: string;
  username: string;
  display_name: string;
  role: Role;
  agent_id: string;
  extension: string;
}

export interface AgentStatus {
  agent_id: string;
  name: string;
  extension: string;
  state: AgentState;
  since_ms: number;
  at_ms: number;
  call_id: string;
  reason: string;
  phone_registered: boolean;
}

export interface AgentReply {
  accepted: boolean;
  reason: string;
  code: string;
  status: AgentStatus | null;
}

export interface AgentOffer {
  agent_id: string;
  offer_id: string;
  call_id: string;
  queue: string;
  waited_ms: number;
  expires_at_ms: number;
}

/** chars: half-open range in the utterance's text; ms: the same on the media clock. */
export interface Evidence {
  utterance_id: string;
  chars: [number, number];
  ms: [number, number];
  quote: string;
  rule: string;
}

export interface TicketField {
  value: string;
  draft_value: string;
  edited: boolean;
  confidence: number;
  evidence: Evidence[];
}

export interface Ticket {
  call_id: string;
  status: "draft" | "submitted";
  number: string | null;
  version: number;
  draft_version: number;
  fields: Record<FieldName, TicketField>;
  submitted_at_ms: number | null;
}

export interface Article {
  article_id: string;
  title: string;
  questions: string[];
  answer_script: string;
  department: string;
  source: string;
  valid_until: string;
  keywords: string[];
  category: string;
}

export interface Suggestion {
  article: Article;
  score: number;
  evidence: Evidence[];
}

/** text[start:end] (code points) is a number that was read out; candidates: the likeliest first, none when masked. */
export interface SpokenNumber {
  start: number;
  end: number;
  kind: "mobile" | "local" | "identity" | "ticket";
  digits: string;
  sure: boolean;
  candidates: string[];
}

/** A submitted ticket; call_id: empty for whom may not see its call. */
export interface FoundTicket {
  number: string;
  submitted_at_ms: number | null;
  appeal_type: string;
  title: string;
  category: string;
  department: string;
  urgency: string;
  call_id: string;
}

/** Characters (code points) from start up to end stand for `original`, which the recogniser wrote. */
export interface Correction {
  start: number;
  end: number;
  original: string;
}

/** Characters (code points) from start up to end are the written form of `words`, which were said. */
export interface SpokenWords {
  start: number;
  end: number;
  words: string;
}

export interface Utterance {
  call_id: string;
  side: Side;
  utterance_id: string;
  start_ms: number;
  end_ms: number;
  text: string;
  final: boolean;
  confidence: number | null;
  /** For each character (code point) of a final's text how likely it is right; empty where that is not known. */
  char_confidence?: number[];
  /** Where a final's text is not as the recogniser wrote it, in order. */
  corrections?: Correction[];
  numbers?: SpokenNumber[];
  /** What was said where a final's text has a number in digits, in order. */
  spoken?: SpokenWords[];
  /** What this side seems to speak: empty for Mandarin, an ISO 639-1 code, or "und" for what is hard to understand. */
  language?: string;
  health: Health;
  /** Of words still being said: how many characters stay as they are until the final. */
  firm?: number | null;
}

export interface Clocks {
  ring_to_person_ms: number | null;
  menu_end_to_person_ms: number | null;
  queue_to_person_ms: number | null;
}

export type TalkPhase =
  | "alone"
  | "dialling"
  | "talking"
  | "held"
  | "calling"
  | "consulting"
  | "swapped"
  | "inviting"
  | "conference"
  | "transferring"
  | "handed_over"
  | "over";
export type CallOrder = "hold" | "resume" | "mute" | "unmute" | "swap" | "complete" | "cancel" | "conference";
export type Passing = "transfer" | "consult" | "invite" | "hand_over";
export type TargetKind = "agent" | "queue" | "number";
export type Supervision = "listen" | "whisper" | "barge_in" | "take_over" | "end";
export type EmergencyCode = "110" | "119" | "120";

export interface Target {
  kind: TargetKind;
  value: string;
  name: string;
  agent_id: string;
}

/** Who is in the call now; can: the moves that its phase allows. */
export interface Talk {
  phase: TalkPhase;
  muted: boolean;
  third: Target | null;
  leader_id: string;
  supervision: Supervision | null;
  /** Since when (Unix, ms) nobody has spoken, or only the caller has not; null while people speak. */
  silent_since_ms?: number | null;
  silent_side?: Side | null;
  can: string[];
}

/** One line of what people did with a call. */
export interface CallStep {
  at_ms: number;
  what: string;
  who: string;
  whom: string;
  how: string;
  location: string;
  lasted_ms?: number;
}

export interface CommandReply {
  accepted: boolean;
  reason: string;
  code: string;
  call_id: string;
}

export type EntryKind = "emergency" | "department" | "city" | "province" | "queue";

export interface DirectoryEntry {
  kind: EntryKind;
  name: string;
  number: string;
  code: string;
  words: string[];
}

export interface DirectoryView {
  entries: DirectoryEntry[];
  agents: AgentStatus[];
}

export interface CallSummary {
  call_id: string;
  caller_number: string;
  called_number: string;
  status: CallStatus;
  agent_id: string;
  agent_name: string;
  arrived_at_ms: number | null;
  answered_at_ms: number | null;
  queued_at_ms: number | null;
  connected_at_ms: number | null;
  ended_at_ms: number | null;
  clocks: Clocks;
  recording: { path: string; duration_ms: number } | null;
  ticket_status: "draft" | "submitted";
  direction: "in" | "out";
  agent_ids: string[];
  talk: Talk | null;
}

export interface CallView extends CallSummary {
  utterances: Utterance[];
  ticket: Ticket;
  suggestions: Suggestion[];
  health: Record<Side, Health | null>;
  inspection: Inspection | null;
  second_transcript: SecondTranscript | null;
  history: CallStep[];
  names: Record<string, string>;
}

/** What was written down from the whole recording. utterances: empty until it is done. */
export interface SecondTranscript {
  version: string;
  state: "under_way" | "done" | "unreadable";
  at_ms: number;
  utterances: Utterance[];
}

export interface Finding {
  rule: string;
  title: string;
  points: number;
  evidence: Evidence[];
}

export interface Inspection {
  at_ms: number;
  score: number;
  scorecard: string;
  transcribed_ms: number;
  /** The version of the second transcript that was scored; "": what was heard live. */
  transcript: string;
  findings: Finding[];
}

export interface Numbers {
  offered: number;
  answered: number;
  abandoned: number;
  within_15s: { ring: number | null; menu_end: number | null; queue: number | null };
  reported_clock: "ring" | "menu_end" | "queue";
  connect_rate: number | null;
  average_speed_of_answer_ms: number | null;
  longest_wait_ms: number | null;
  after_call_work_ms: number | null;
}

export interface QueueNow {
  waiting: number;
  longest_wait_ms: number;
}

export interface DeskView {
  agent: AgentStatus | null;
  call: CallView | null;
  offer: AgentOffer | null;
  numbers: Numbers;
  queue: QueueNow;
  extensions: string[];
  hotline_name: string;
  agents: AgentStatus[];
}

/** The browser as a telephone. held: the sound is lost at this moment, the caller is kept. at_once: the agent asked
 * for the call, so that the page answers by itself. */
export interface PhoneView {
  agent_id: string;
  connection_id: string;
  up: boolean;
  call: { number: number; stage: "ringing" | "talking" | "held"; at_once: boolean } | null;
}

export type PhoneCommand = "stay_alive" | "take_call" | "refuse_call" | "end_call" | "leave_phone";

export interface PhoneConnection {
  connection_id: string;
  answer: string;
  phone: PhoneView;
}

export interface PhoneReply {
  accepted: boolean;
  code: string;
  reason: string;
  phone: PhoneView | null;
}

export type LiveMessage =
  | { type: "agent"; status: AgentStatus }
  | { type: "offer"; offer: AgentOffer }
  | { type: "call"; call: CallView }
  | ({ type: "utterance" } & Utterance)
  | { type: "ticket"; ticket: Ticket }
  | { type: "suggestions"; call_id: string; suggestions: Suggestion[] }
  | { type: "health"; call_id: string; side: Side; health: Health; reason: string }
  | { type: "inspection"; call_id: string; inspection: Inspection }
  | { type: "second_transcript"; call_id: string; second_transcript: SecondTranscript }
  | { type: "numbers"; numbers: Numbers }
  | { type: "phone"; phone: PhoneView }
  | ({ type: "queue" } & QueueNow)
  | { type: "summary"; call: CallSummary };
