import { FIELD_NAMES, type FieldName, type Ticket, type TicketField } from "../api/contract";

/** null gives the field back to the draft. */
export type Edits = Partial<Record<FieldName, string | null>>;

/**
 * The ticket as the agent sees it: the server's, what was typed and not sent yet, what is on its way, and the field
 * in which the cursor stands, whose text stays as it was when the cursor came.
 */
export interface TicketDraft {
  readonly ticket: Ticket;
  readonly typed: Edits;
  readonly sending: Edits;
  readonly held: { readonly name: FieldName; readonly value: string } | null;
}

export function draftOf(ticket: Ticket): TicketDraft {
  return { ticket, typed: {}, sending: {}, held: null };
}

/** The server told the ticket: an older one is not believed, and nothing that the agent typed is lost. */
export function receive(draft: TicketDraft, ticket: Ticket): TicketDraft {
  const before = draft.ticket;
  if (ticket.call_id !== before.call_id) return draft;
  const older =
    ticket.version < before.version ||
    (ticket.version === before.version && ticket.draft_version < before.draft_version);
  return older ? draft : { ...draft, ticket };
}

export function type(draft: TicketDraft, name: FieldName, value: string): TicketDraft {
  const held = draft.held?.name === name ? { name, value } : draft.held;
  return { ...draft, typed: { ...draft.typed, [name]: value }, held };
}

/** Gives the field back to the draft. */
export function restore(draft: TicketDraft, name: FieldName): TicketDraft {
  const held = draft.held?.name === name ? null : draft.held;
  return { ...draft, typed: { ...draft.typed, [name]: null }, held };
}

export function focus(draft: TicketDraft, name: FieldName): TicketDraft {
  return { ...draft, held: { name, value: shown(draft, name).value } };
}

export function leave(draft: TicketDraft, name: FieldName): TicketDraft {
  return draft.held?.name === name ? { ...draft, held: null } : draft;
}

export function hasUnsent(draft: TicketDraft): boolean {
  return Object.keys(draft.typed).length > 0;
}

/** What was typed goes out. */
export function send(draft: TicketDraft): TicketDraft {
  return { ...draft, sending: draft.typed, typed: {} };
}

/** It was stored. */
export function stored(draft: TicketDraft, ticket: Ticket): TicketDraft {
  return receive({ ...draft, sending: {} }, ticket);
}

/** It was not stored: it counts as typed again, under what was typed since. */
export function notStored(draft: TicketDraft, ticket?: Ticket): TicketDraft {
  const back = { ...draft, typed: { ...draft.sending, ...draft.typed }, sending: {} };
  return ticket ? receive(back, ticket) : back;
}

/** Edits that cannot be stored (a submitted ticket) are let go. */
export function forget(draft: TicketDraft, names: readonly FieldName[] = FIELD_NAMES): TicketDraft {
  const keep = (edits: Edits): Edits =>
    Object.fromEntries(Object.entries(edits).filter(([name]) => !names.includes(name as FieldName)));
  return { ...draft, typed: keep(draft.typed), sending: keep(draft.sending) };
}

/** A field as it is shown now. */
export function shown(draft: TicketDraft, name: FieldName): TicketField {
  const field = draft.ticket.fields[name];
  for (const edits of [draft.typed, draft.sending]) {
    const edit = edits[name];
    if (edit === null) return { ...field, value: field.draft_value, edited: false };
    if (edit !== undefined) return { ...field, value: edit, edited: true };
  }
  return draft.held?.name === name ? { ...field, value: draft.held.value } : field;
}

/** Evidence belongs to the machine's value: an edited field that says something else has none. */
export function standsOnEvidence(field: TicketField): boolean {
  return field.evidence.length > 0 && field.value === field.draft_value && field.value !== "";
}
