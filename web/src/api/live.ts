import type { LiveMessage } from "./contract";

export type LinkState = "connecting" | "up" | "down";

/** How long to wait before the try `attempt` (0, 1, …) to connect again: 0.5 s, doubling, 10 s at most. */
export function backoff_ms(attempt: number): number {
  return Math.min(500 * 2 ** attempt, 10_000);
}

interface Listener {
  heard: (message: LiveMessage) => void;
  changed: (state: LinkState) => void;
  /** The link is up, for the first time or again: what was missed must be fetched. */
  opened: () => void;
}

/** The live channel, opened again whenever it is lost, until `close`. */
export class LiveLink {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer = 0;
  private closed = false;

  constructor(private readonly listener: Listener) {}

  open(): void {
    this.listener.changed(this.attempt === 0 ? "connecting" : "down");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/live`);
    this.socket = socket;
    socket.onopen = () => {
      this.attempt = 0;
      this.listener.changed("up");
      this.listener.opened();
    };
    socket.onmessage = (event: MessageEvent<string>) => this.listener.heard(JSON.parse(event.data) as LiveMessage);
    socket.onclose = () => this.lost();
  }

  watch(callId: string, on: boolean): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify({ type: on ? "watch" : "unwatch", call_id: callId }));
  }

  close(): void {
    this.closed = true;
    window.clearTimeout(this.timer);
    this.socket?.close();
  }

  private lost(): void {
    if (this.closed) return;
    this.listener.changed("down");
    this.timer = window.setTimeout(() => this.open(), backoff_ms(this.attempt++));
  }
}
