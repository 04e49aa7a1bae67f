/** Element Plus, one component at a time: the same types as the whole. */
declare module "element-plus/es/components/message/index.mjs" {
  export { ElMessage } from "element-plus";
}
declare module "element-plus/es/components/dialog/index.mjs" {
  export { ElDialog } from "element-plus";
}
declare module "element-plus/es/components/popover/index.mjs" {
  export { ElPopover } from "element-plus";
}
