const RING_HZ = 450;
const LOUDNESS = 0.15;

/** The sounds of a telephone, made here: China's 450 Hz, 1 s on and 4 s off; and a short tone before an answer. */
export class Ringer {
  private context: AudioContext | null = null;
  private timer = 0;

  ring(): void {
    if (this.timer) return;
    this.sound(1);
    this.timer = window.setInterval(() => this.sound(1), 5000);
  }

  /** Stops ringing; what sounds at this moment as well. */
  stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    void this.context?.close();
    this.context = null;
  }

  beep(): void {
    this.sound(0.2);
  }

  private sound(seconds: number): void {
    this.context ??= new AudioContext();
    const { context } = this;
    if (context.state === "suspended") void context.resume();
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.frequency.value = RING_HZ;
    // Without a ramp at both ends the loudspeaker clicks.
    gain.gain.setValueAtTime(0, context.currentTime);
    gain.gain.linearRampToValueAtTime(LOUDNESS, context.currentTime + 0.02);
    gain.gain.setValueAtTime(LOUDNESS, context.currentTime + seconds - 0.02);
    gain.gain.linearRampToValueAtTime(0, context.currentTime + seconds);
    tone.connect(gain).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + seconds);
  }
}
