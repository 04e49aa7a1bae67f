import { ref, shallowRef, watch } from "vue";

export interface Device {
  id: string;
  label: string;
}

const INPUT = "hotline.phone.input";
const OUTPUT = "hotline.phone.output";

export const inputs = shallowRef<Device[]>([]);
export const outputs = shallowRef<Device[]>([]);
/** Chosen devices; "" is the system's own. Kept for the next shift. */
export const input = ref(localStorage.getItem(INPUT) ?? "");
export const output = ref(localStorage.getItem(OUTPUT) ?? "");

watch(input, (id) => localStorage.setItem(INPUT, id));
watch(output, (id) => localStorage.setItem(OUTPUT, id));

/** Whether this browser can play to a chosen device. */
export const canChooseOutput = "setSinkId" in HTMLMediaElement.prototype;

/** Of the browser's list: real devices of one kind, the system's own left out since it is always offered. */
export function choices(devices: MediaDeviceInfo[], kind: MediaDeviceKind): Device[] {
  return devices
    .filter((each) => each.kind === kind && each.deviceId && !["default", "communications"].includes(each.deviceId))
    .map((each, place) => ({ id: each.deviceId, label: each.label || `${place + 1}` }));
}

/** Ask the browser again what is plugged in; labels are there once the microphone was allowed. */
export async function listDevices(): Promise<void> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  inputs.value = choices(devices, "audioinput");
  outputs.value = choices(devices, "audiooutput");
}
