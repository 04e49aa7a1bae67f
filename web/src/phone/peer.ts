const GATHER_WITHIN_MS = 3000;
const CONNECT_WITHIN_MS = 12_000;
/** A connection that stumbles may come back by itself; longer than this it does not. */
const STUMBLE_MS = 3000;
const CODECS = ["audio/pcma", "audio/pcmu", "audio/telephone-event"];

/** One WebRTC connection to the switch: host candidates only, G.711 only. */
export class Peer {
  private readonly pc = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
  private readonly sender: RTCRtpSender;
  private stumble = 0;
  private closed = false;

  /** lost: the connection was up and is no more, told once. */
  constructor(
    private readonly speaker: HTMLAudioElement,
    private readonly lost: () => void,
  ) {
    const transceiver = this.pc.addTransceiver("audio", { direction: "sendrecv" });
    const known = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
    const wanted = known.filter((codec) => CODECS.includes(codec.mimeType.toLowerCase()));
    transceiver.setCodecPreferences?.(wanted);
    this.sender = transceiver.sender;
    this.pc.ontrack = (event) => (this.speaker.srcObject = new MediaStream([event.track]));
  }

  /** Our SDP with all candidates. */
  async offer(): Promise<string> {
    await this.pc.setLocalDescription(await this.pc.createOffer());
    await this.until(() => this.pc.iceGatheringState === "complete", "icegatheringstatechange", GATHER_WITHIN_MS);
    return this.pc.localDescription?.sdp ?? "";
  }

  /** Waits until the sound can flow; false when it does not come to that. */
  async connect(answer: string): Promise<boolean> {
    await this.pc.setRemoteDescription({ type: "answer", sdp: answer });
    const settled = () => ["connected", "failed", "closed"].includes(this.pc.connectionState);
    await this.until(settled, "connectionstatechange", CONNECT_WITHIN_MS);
    if (this.pc.connectionState !== "connected") return false;
    this.pc.addEventListener("connectionstatechange", () => this.look());
    // The switch says goodbye on the DTLS layer when it stops, seconds before ICE would notice.
    this.sender.transport?.addEventListener("statechange", () => this.look());
    this.look();
    return true;
  }

  /** What the far end hears; null between calls: nothing is sent at all. */
  async speak(track: MediaStreamTrack | null): Promise<void> {
    if (this.sender.track !== track && !this.closed) await this.sender.replaceTrack(track);
  }

  close(): void {
    this.closed = true;
    window.clearTimeout(this.stumble);
    this.pc.close();
  }

  private look(): void {
    window.clearTimeout(this.stumble);
    if (this.closed) return;
    const dtls = this.sender.transport?.state;
    if (["failed", "closed"].includes(this.pc.connectionState) || dtls === "closed" || dtls === "failed") this.end();
    else if (this.pc.connectionState === "disconnected") this.stumble = window.setTimeout(() => this.end(), STUMBLE_MS);
  }

  private end(): void {
    if (this.closed) return;
    this.close();
    this.lost();
  }

  private until(done: () => boolean, event: string, within_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = window.setTimeout(resolve, within_ms);
      const look = () => {
        if (!done()) return;
        window.clearTimeout(timer);
        this.pc.removeEventListener(event, look);
        resolve();
      };
      this.pc.addEventListener(event, look);
      look();
    });
  }
}
