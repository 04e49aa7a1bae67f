import { onBeforeUnmount, onMounted } from "vue";

/** A key as written in the help: "F2", "Ctrl+Enter", "/", "?". */
export type Shortcuts = Record<string, () => void>;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Keys that write something work only where nothing is being written. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && isTyping(event.target)) (event.target as HTMLElement).blur();
    const name = event.ctrlKey ? `Ctrl+${event.key}` : event.key;
    const action = shortcuts[name];
    if (!action || event.repeat || (event.key.length === 1 && isTyping(event.target))) return;
    event.preventDefault();
    action();
  };
  onMounted(() => window.addEventListener("keydown", pressed));
  onBeforeUnmount(() => window.removeEventListener("keydown", pressed));
}
