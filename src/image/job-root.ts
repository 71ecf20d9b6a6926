/** Where the layers below and what is written over them are joined, in a job. */
export const ROOTFS = '/box/rootfs'
