import { ref } from "vue";

import { ApiError, api } from "../api/client";
import type { User } from "../api/contract";

/** Who is signed in to this page; null when nobody is. */
export const user = ref<User | null>(null);

/** Asks the server who is signed in; an error other than "nobody" is thrown. */
export async function recall(): Promise<void> {
  try {
    user.value = (await api.session()).user;
  } catch (error) {
    user.value = null;
    if (!(error instanceof ApiError && error.status === 401)) throw error;
  }
}
