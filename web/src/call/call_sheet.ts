import { ref, shallowRef } from "vue";

import { ApiError, api } from "../api/client";
import type { CallView, Evidence, FieldName, Health, Inspection, LiveMessage, SecondTranscript, Side, Suggestion, Ticket } from "../api/contract";
import * as drafts from "./ticket_draft";
import * as transcripts from "./transcript";
import { type Reading, readingOf } from "./two_readings";

export type Saving = "saved" | "pending" | "saving" | "failed";

const DEBOUNCE_MS = 500;
const RETRY_MS = 3000;

/** One call on the page: what is told of it, and the agent's work on its ticket. */
export class CallSheet {
  readonly call = shallowRef<CallView>(undefined as never);
  readonly transcript = shallowRef<transcripts.Transcript>([]);
  readonly draft = shallowRef<drafts.TicketDraft>(undefined as never);
  readonly suggestions = shallowRef<Suggestion[]>([]);
  readonly health = shallowRef<Record<Side, Health | null>>({ caller: null, agent: null });
  readonly inspection = shallowRef<Inspection | null>(null);
  readonly second = shallowRef<SecondTranscript | null>(null);
  /** Which of the two transcripts is shown. */
  readonly reading = ref<Reading>("live");
  readonly saving = ref<Saving>("saved");
  /** Fields that the server found missing or wrong. */
  readonly missing = shallowRef<readonly FieldName[]>([]);
  /** The field whose evidence is lit in the transcript. */
  readonly lit = ref<FieldName | null>(null);
  /** What else is lit in the transcript: the words of a finding. */
  readonly pointed = shallowRef<Evidence | null>(null);
  /** Where the transcript shall scroll, and where the player shall go; a new object each time. */
  readonly jump = shallowRef<{ utterance_id: string } | null>(null);
  readonly seek = shallowRef<{ ms: number } | null>(null);

  private timer = 0;
  private flushing: Promise<void> | null = null;

  /** merged: told when the ticket was changed elsewhere meanwhile. */
  constructor(
    view: CallView,
    private readonly merged: () => void,
  ) {
    this.draft.value = drafts.draftOf(view.ticket);
    this.told(view);
  }

  get id(): string {
    return this.call.value.call_id;
  }

  get ticket(): Ticket {
    return this.draft.value.ticket;
  }

  told(view: CallView): void {
    this.call.value = view;
    this.transcript.value = transcripts.refresh(this.transcript.value, view.utterances);
    if (view.status === "ended") this.transcript.value = transcripts.settle(this.transcript.value);
    this.draft.value = drafts.receive(this.draft.value, view.ticket);
    this.suggestions.value = view.suggestions;
    this.health.value = view.health;
    this.inspection.value = view.inspection ?? null;
    this.second.value = view.second_transcript ?? null;
  }

  /** Lights these words in the transcript and scrolls to them. */
  point(evidence: Evidence): void {
    this.reading.value = readingOf(evidence.utterance_id, this.second.value);
    this.pointed.value = evidence;
    this.jump.value = { utterance_id: evidence.utterance_id };
  }

  /** The live channel was away: what was being said may have been taken back; who still speaks is told again. */
  missed(): void {
    this.transcript.value = transcripts.settle(this.transcript.value);
  }

  /** A live message about this call. */
  hear(message: LiveMessage): void {
    switch (message.type) {
      case "call":
        return this.told(message.call);
      case "utterance":
        // Partials and the call's events come by different ways: one may come after the end, and its final be lost.
        if (!message.final && this.call.value.status === "ended") return;
        this.transcript.value = transcripts.hear(this.transcript.value, message);
        this.health.value = { ...this.health.value, [message.side]: message.health };
        return;
      case "ticket":
        this.draft.value = drafts.receive(this.draft.value, message.ticket);
        return;
      case "suggestions":
        this.suggestions.value = message.suggestions;
        return;
      case "inspection":
        this.inspection.value = message.inspection;
        return;
      case "second_transcript":
        this.second.value = message.second_transcript;
        return;
      case "health":
        this.health.value = { ...this.health.value, [message.side]: message.health };
    }
  }

  edit(name: FieldName, value: string): void {
    this.change(drafts.type(this.draft.value, name, value), name);
  }

  restore(name: FieldName): void {
    this.change(drafts.restore(this.draft.value, name), name);
  }

  enter(name: FieldName): void {
    this.draft.value = drafts.focus(this.draft.value, name);
    this.lit.value = name;
  }

  leave(name: FieldName): void {
    this.draft.value = drafts.leave(this.draft.value, name);
    if (this.lit.value === name) this.lit.value = null;
  }

  private change(draft: drafts.TicketDraft, name: FieldName): void {
    this.draft.value = draft;
    this.missing.value = this.missing.value.filter((each) => each !== name);
    this.saving.value = "pending";
    this.schedule(DEBOUNCE_MS);
  }

  private schedule(delay_ms: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.flush(), delay_ms);
  }

  /** Everything typed so far is stored when this ends, unless `saving` says "failed". */
  async flush(): Promise<void> {
    window.clearTimeout(this.timer);
    while (this.flushing) await this.flushing;
    if (!drafts.hasUnsent(this.draft.value)) return;
    this.flushing = this.store();
    await this.flushing;
    if (this.saving.value === "pending") await this.flush();
  }

  private async store(): Promise<void> {
    this.draft.value = drafts.send(this.draft.value);
    this.saving.value = "saving";
    try {
      const ticket = await api.editTicket(this.id, this.draft.value.sending, this.ticket.version);
      this.draft.value = drafts.stored(this.draft.value, ticket);
      this.saving.value = drafts.hasUnsent(this.draft.value) ? "pending" : "saved";
    } catch (error) {
      this.refused(error);
    } finally {
      this.flushing = null;
    }
  }

  private refused(error: unknown): void {
    const more = error instanceof ApiError ? error.more : {};
    const code = error instanceof ApiError ? error.code : "";
    const ticket = more.ticket as Ticket | undefined;
    this.draft.value = drafts.notStored(this.draft.value, ticket);
    if (code === "ticket_submitted") {
      this.draft.value = drafts.forget(this.draft.value);
      this.saving.value = "saved";
      this.merged();
    } else if (code === "ticket_changed") {
      this.saving.value = "pending";
      this.merged();
    } else {
      this.saving.value = "failed";
      if (code === "invalid") this.missing.value = (more.fields as FieldName[] | undefined) ?? [];
      else this.schedule(RETRY_MS);
    }
  }

  /** The ticket's number. Throws the server's refusal, with `missing` set. */
  async submit(): Promise<string> {
    await this.flush();
    try {
      const ticket = await api.submitTicket(this.id);
      this.draft.value = drafts.stored(this.draft.value, ticket);
      this.missing.value = [];
      return ticket.number ?? "";
    } catch (error) {
      if (error instanceof ApiError && error.status === 422) {
        this.missing.value = (error.more.fields as FieldName[] | undefined) ?? [];
      }
      throw error;
    }
  }
}
