/** Why the microphone cannot be had; each has its words in the locale. */
export type MicrophoneProblem = "insecure" | "unsupported" | "denied" | "missing" | "busy";

export class MicrophoneError extends Error {
  constructor(readonly problem: MicrophoneProblem) {
    super(problem);
  }
}

const PROBLEMS: Record<string, MicrophoneProblem> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** The problem behind what getUserMedia threw. */
export function problemOf(name: string): MicrophoneProblem {
  return PROBLEMS[name] ?? "unsupported";
}

/** A microphone for speech. deviceId: "" for the system's own; one that is no longer there gives way to it. */
export async function openMicrophone(deviceId: string): Promise<MediaStream> {
  // Browsers hide the microphone from pages that came over plain HTTP from another machine.
  if (!window.isSecureContext) throw new MicrophoneError("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !("RTCPeerConnection" in window)) throw new MicrophoneError("unsupported");
  const speech = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
  const ask = (audio: MediaTrackConstraints) => navigator.mediaDevices.getUserMedia({ audio });
  try {
    if (!deviceId) return await ask(speech);
    return await ask({ ...speech, deviceId: { exact: deviceId } }).catch((error: unknown) => {
      if (nameOf(error) === "OverconstrainedError" || nameOf(error) === "NotFoundError") return ask(speech);
      throw error;
    });
  } catch (error) {
    throw new MicrophoneError(problemOf(nameOf(error)));
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : "";
}
