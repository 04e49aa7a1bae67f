const two = (n: number): string => String(n).padStart(2, "0");

/** mm:ss, or h:mm:ss from an hour on. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const rest = `${two(minutes % 60)}:${two(seconds % 60)}`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${rest}` : rest;
}

/** Seconds with one decimal below a minute; "—" where there is none. */
export function waitText(ms: number | null): string {
  if (ms === null) return "—";
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clockText(ms);
}

/** A share 0..1 in per cent; "—" where nothing was counted. */
export function rateText(rate: number | null): string {
  return rate === null ? "—" : `${(rate * 100).toFixed(1)}%`;
}

/** Local date and time of day: 11-24 03:07; today without the date. */
export function momentText(at_ms: number | null, now_ms: number): string {
  if (at_ms === null) return "—";
  const at = new Date(at_ms);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const today = new Date(now_ms).toDateString() === at.toDateString();
  return today ? time : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}
