import type {
  AgentReply,
  CallOrder,
  CallSummary,
  CallView,
  Command,
  CommandReply,
  DeskView,
  DirectoryView,
  EmergencyCode,
  FieldName,
  FoundTicket,
  Passing,
  PhoneCommand,
  PhoneConnection,
  PhoneReply,
  Suggestion,
  Supervision,
  TargetKind,
  Ticket,
  User,
} from "./contract";

/** An answer other than 2xx, or none at all (status 0, code "unreachable"). more: further members of the error. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly remedy = "",
    readonly more: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** Server's clock less this machine's, in ms; 0 while they agree within what the Date header can tell. */
let skew_ms = 0;

export function serverNow(): number {
  return Date.now() + skew_ms;
}

function learnSkew(response: Response): void {
  const stated = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(stated)) return;
  const off = stated + 500 - Date.now();
  skew_ms = Math.abs(off) < 2000 ? 0 : off;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    throw new ApiError(0, "unreachable", String(error));
  }
  learnSkew(response);
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  throw refusal(response.status, answer);
}

function refusal(status: number, answer: unknown): ApiError {
  const found = (answer as { error?: Record<string, unknown> } | null)?.error ?? {};
  const { code = "http_error", message = `HTTP ${status}`, remedy = "", ...more } = found;
  return new ApiError(status, String(code), String(message), String(remedy), more);
}

const at = (callId: string): string => `/api/calls/${encodeURIComponent(callId)}`;

export const api = {
  signIn: (username: string, password: string) =>
    call<{ user: User }>("POST", "/api/session", { username, password }),
  session: () => call<{ user: User }>("GET", "/api/session"),
  signOut: () => call<void>("DELETE", "/api/session"),
  desk: () => call<DeskView>("GET", "/api/desk"),
  command: (command: Command, extension?: string) =>
    call<AgentReply>("POST", "/api/agent/command", extension ? { command, extension } : { command }),
  calls: (limit: number, before?: number) =>
    call<{ calls: CallSummary[] }>("GET", `/api/calls?limit=${limit}${before ? `&before=${before}` : ""}`),
  liveCalls: () => call<{ calls: CallSummary[] }>("GET", "/api/calls?limit=200&live=true"),
  call: (callId: string) => call<CallView>("GET", at(callId)),
  hangUp: (callId: string) => call<CommandReply>("POST", `${at(callId)}/hang-up`),
  order: (callId: string, order: CallOrder) => call<CommandReply>("POST", `${at(callId)}/order`, { order }),
  passOn: (callId: string, how: Passing, kind: TargetKind, to: string) =>
    call<CommandReply>("POST", `${at(callId)}/pass`, { how, kind, to }),
  handOver: (callId: string, code: EmergencyCode) =>
    call<CommandReply>("POST", `${at(callId)}/hand-over`, { code }),
  supervise: (callId: string, how: Supervision, extension: string) =>
    call<CommandReply>("POST", `${at(callId)}/supervise`, { how, extension }),
  dial: (number: string) => call<CommandReply>("POST", "/api/dial", { number }),
  directory: (query: string) => call<DirectoryView>("GET", `/api/directory?q=${encodeURIComponent(query)}`),
  forceState: (agentId: string, state: "ready" | "break" | "signed_out", reason: string) =>
    call<AgentReply>("POST", `/api/agents/${encodeURIComponent(agentId)}/state`, { state, reason }),
  editTicket: (callId: string, fields: Partial<Record<FieldName, string | null>>, version: number) =>
    call<Ticket>("PATCH", `${at(callId)}/ticket`, { fields, version }),
  submitTicket: (callId: string) => call<Ticket>("POST", `${at(callId)}/ticket/submit`),
  findTicket: (number: string) => call<FoundTicket>("GET", `/api/tickets/${encodeURIComponent(number)}`),
  knowledge: (query: string) =>
    call<{ suggestions: Suggestion[] }>("GET", `/api/knowledge?limit=5&q=${encodeURIComponent(query)}`),
  connectPhone: (offer: string) => call<PhoneConnection>("POST", "/api/phone/connect", { offer }),
  phone: (connection_id: string, command: PhoneCommand, number = 0) =>
    call<PhoneReply>("POST", "/api/phone/command", { connection_id, command, number }),
  recordingUrl: (callId: string) => `${at(callId)}/recording`,
};
