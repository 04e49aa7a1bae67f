import type { PhoneView } from "../api/contract";

/** What this page must do about how the switch sees the telephone. */
export type Standing = "ours" | "replaced" | "gone" | "unknown";

/**
 * mine: this page's connection. confirmed: the switch has named it already; before that, what it says is about the
 * connection before.
 */
export function standing(view: PhoneView, mine: string, confirmed: boolean): Standing {
  if (!mine) return "unknown";
  if (view.connection_id === mine) return "ours";
  if (!confirmed) return "unknown";
  return view.connection_id ? "replaced" : "gone";
}
