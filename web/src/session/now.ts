import { ref } from "vue";

import { serverNow } from "../api/client";

/** The server's wall clock (Unix, ms), four times a second: what running times on the page are counted by. */
export const now_ms = ref(serverNow());

window.setInterval(() => (now_ms.value = serverNow()), 250);
