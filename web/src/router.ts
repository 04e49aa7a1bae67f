import { createRouter, createWebHistory } from "vue-router";

import { recall, user } from "./session/session";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/sign-in", component: () => import("./pages/SignIn.vue") },
    { path: "/desk", component: () => import("./pages/Desk.vue") },
    { path: "/floor", component: () => import("./pages/Floor.vue"), meta: { leads: true } },
    { path: "/calls/:id?", component: () => import("./pages/Calls.vue") },
    { path: "/:rest(.*)*", redirect: "/desk" },
  ],
});

let asked = false;

router.beforeEach(async (to) => {
  if (!asked) {
    asked = true;
    // Whatever is wrong (no users, no server) is said by the sign-in page when it tries.
    await recall().catch(() => undefined);
  }
  if (user.value === null && to.path !== "/sign-in") return { path: "/sign-in", query: { next: to.fullPath } };
  if (to.meta.leads && !["leader", "admin"].includes(user.value?.role ?? "leader")) return "/desk";
  return true;
});
