const FLOOR_DB = -60;

/** 0 (silence, -60 dB and below) to 1 (as loud as it goes) of samples between -1 and 1. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

/** Tells ten times a second how loud a microphone is, until `stop`. */
export class LevelMeter {
  private readonly context = new AudioContext();
  private readonly timer: number;

  constructor(stream: MediaStream, tell: (level: number) => void) {
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = window.setInterval(() => {
      if (this.context.state === "suspended") void this.context.resume();
      analyser.getFloatTimeDomainData(samples);
      tell(levelOf(samples));
    }, 100);
  }

  stop(): void {
    window.clearInterval(this.timer);
    void this.context.close();
  }
}
