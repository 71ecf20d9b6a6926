/** What `glovebox help TOPIC` explains. */
export const TOPICS: Readonly<Record<string, string>> = {
  policy: `
What a box may do is its policy. Without one, a box reaches no network and nothing of this machine, gets 4096
processes, 65536 open files each and 2 GiB of writes. glovebox policy show says it in words.

In a file, YAML or JSON, checked strictly (schema/policy.schema.json):

  network: none
  limits:
    memory: 1G
    cpus: 1.5
    processes: 500
    open-files: 4096
    disk: 4G
    wall: 1h
  grants: [user-namespaces]
  allow-unenforced: [memory]

  glovebox run --policy FILE …          take it
  glovebox run --policy FILE --wall 5m  take it, with another limit

A limit that this machine cannot hold is an error, unless it is waived by name (--allow-unenforced memory).

Grants widen the box, each at a price that policy show names:
  user-namespaces   a browser's own sandbox needs them; they open more of the kernel to the application.
`,
  images: `
An image is what a box is made from: a standard OCI image, stored by digest, unpacked once and shared by every box.

  glovebox image build base                              from a recipe that comes along
  glovebox image build ./my-app.yaml                     from a recipe of yours (schema/recipe.schema.json)
  glovebox image import docker://docker.io/library/alpine --name alpine
  glovebox image import ./rootfs.tar --name mine         a root file system (plain, gzip, zstd or xz)

A recipe is a few lines:

  name: my-app
  base: { recipe: base }
  packages: [figlet]
  command: [figlet, hello]
`,
  engines: `
An engine is an isolation technology. The same image and the same policy run in each.

  container   an OCI container (crun or runc): the box shares this machine's kernel behind a filter of system calls.
              Starts in milliseconds, runs at full speed. A hole in the kernel is a hole in the wall.
  gvisor      a kernel in user space (runsc) answers the application; this machine's kernel sees few of its calls.
              System calls and starts cost more. glovebox engines says whether it works here.
  uml         a whole Linux kernel of its own, as a jailed process (User-Mode Linux). Needs no hardware support.
  microvm     a small machine (QEMU) with virtio devices alone: no buses, no firmware beyond what starts its kernel. Boots
              sooner than vm, and shows an attacker fewer devices; otherwise as vm.
  vm          a whole PC (QEMU). By the processor's virtualization (KVM) where glovebox doctor has seen a guest boot under
              it, else emulated: slower, and no security boundary by QEMU's own statement. The jail around it is one.

With --warm a virtual machine goes on from the kept memory of a booted one instead of booting (glovebox help snapshot).
What the last four run comes from an image of Glovebox's own, which the first such box builds (glovebox tools show).
`,
  'exit-codes': `
  0       fine
  1       something failed in Glovebox or on this machine; the message says what to do
  2       the command line, a policy or a recipe could not be understood
  124     the box was ended because its time was up (--wall)
  126     the command cannot be executed (glovebox run, glovebox exec)
  127     the command was not found
  128+n   signal n ended the command
  130     stopped with Ctrl-C
Everything else is the exit code of the command in the box.
`,
  files: `
  $XDG_DATA_HOME/glovebox/store     images: an OCI layout, and the unpacked trees
  $XDG_DATA_HOME/glovebox/native    Glovebox's own programs, compiled for you
  $XDG_STATE_HOME/glovebox/boxes    kept boxes (--keep)
  $XDG_STATE_HOME/glovebox/homes    kept homes (--home)
  $XDG_RUNTIME_DIR/glovebox         running boxes
  $XDG_CACHE_HOME/glovebox          what can be made anew

All are yours alone (mode 0700). The defaults are ~/.local/share, ~/.local/state and ~/.cache. Files of images and
boxes belong to your subordinate ids; glovebox gc, rm and image remove delete them.
`,
  environment: `
  NO_COLOR=1         no colours
  GLOVEBOX_DEBUG=1   errors with their causes and the place in the code
  XDG_*              where things lie: glovebox help files
`,
}
