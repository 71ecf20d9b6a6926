/** What `glovebox help TOPIC` explains. */
export const TOPICS: Readonly<Record<string, string>> = {
  policy: `
What a box may do is its policy. Without one, a box reaches nothing of this machine, no network but the internet where
its image asks for it, gets 4096 processes, 65536 open files each and 2 GiB of writes. glovebox policy show says it in words.

In a file, YAML or JSON, checked strictly (schema/policy.schema.json):

  network: none              # or internet, lan, image, or a mapping: glovebox help network
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
  glovebox run --policy FILE --wall 5m  take it, with another limit; --network takes the place of the whole network

A limit that this machine cannot hold is an error, unless it is waived by name (--allow-unenforced memory).

Grants widen the box, each at a price that policy show names:
  user-namespaces   a browser's own sandbox needs them; they open more of the kernel to the application.
`,
  network: `
What a box reaches of the network: nothing, unless its image asks for the internet or you open it.

  --network none        nothing: a loopback of its own. No link is made
  --network internet    every global address; never this machine, never a network that it is in
  --network allow:FILE  of the internet only what the rules in FILE name; no other name is asked for
  --network lan         the local network of this machine, whole: printers, routers, other computers
  --network lan:HOST    one host of it, by address, by ADDRESS/BITS, or by a name that has an address there
  --network host:PORT   one service of this machine's loopback, as host.glovebox: host:631, host:5060/udp
  --network image       as its image asks, internet or none; this is the default
  --publish PORT        lets others connect to a port of the box: [ADDRESS:]PORT[:BOXPORT][/udp]
  --join NAME           the other boxes that join the same name

--network may be given several times and opens all of it. none and image stand alone; allow beside internet, or lan:HOST
beside lan, would narrow nothing, and is an error. --publish listens at 127.0.0.1, where every program of this machine
can connect; or at ADDRESS, an address of this machine, where everybody who reaches it can. Ports below 1024 cannot be
published. --publish and --join come on top of --network; without it they open nothing else, also where the image asks
for the internet.

A rule is TARGET [SERVICE…] [RATE/s]:
  example.org tcp:443               a name, and one port of it
  *.example.net tcp:443 udp:443     all names below example.net, not example.net itself
  93.184.215.14 tcp:80,8000-8100    an address
  2606:2800:21f::/48 icmp           a range, ping alone
  example.com 8080 256K/s           TCP and UDP at a port; the box sends 256 KiB a second at the most

Without a SERVICE all of TCP, UDP and ping are open. In FILE a rule is a line, and # begins a comment. A rule that is
wider than it looks (10.0.0.1/8, *.org) or would open nothing is an error that says where it stands.

In a policy file (glovebox help policy) it is a mapping, with two things that have no flag: deny, which is stronger than
all that opens, and rates, of all that the box sends. A name in deny stands without a SERVICE.
  network:
    allow:                          # or internet: true; or neither
      - example.org tcp:443
      - "*.example.net tcp:443 udp:443"
    deny: [ads.example.net, 93.184.0.0/16 tcp:25]
    lan: [192.168.1.20, nas.lan]    # or lan: true
    host: [631, 5060/udp]
    publish: ["8080:80"]
    rates: { sent: 1M, flows: 100 } # bytes and new connections a second

Never reached, whatever is open: this machine, by any of its addresses (host opens ports of its loopback only); ports 53
and 853 of anybody; protocols other than TCP, UDP and ping. internet and allow never reach private, shared (CGNAT),
link-local, metadata, multicast or reserved addresses, nor networks that this machine is in, be their addresses global.
When it moves into another network while a box runs, that one is refused from then on (event network-moved).

Names come from the box's own resolver. A name opens the addresses that it was answered with, for as long as the answer
says, an hour at most; a connection that was made in that time goes on. An answer that points where the box may not go
is refused. Names of the local network are answered for lan and for the names of lan:NAME; mDNS is not spoken.

While a box runs:
  glovebox network show BOX                        what is open, in words and as the kernel's rules
  glovebox network allow BOX example.org tcp:443   opens it now
  glovebox network deny BOX example.org            closes it now, also to connections that are there
  glovebox network log BOX                         whom it talked to, and what it was refused
  glovebox run --flows FILE --capture FILE …       the same as lines of JSON; each frame, as pcapng

It takes pasta (package passt), nft, ip and /dev/net/tun: glovebox doctor. Where one is missing the box does not start;
when a part of its network ends, the network closes and the box goes on (event network-closed). In glovebox lab all of
this can be tried.
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

With --engine auto it is the cheapest of them that holds what you require, by the newest exam and price of this machine
(glovebox help choose). A recipe may prefer one (engine: gvisor, engine: auto), for boxes whose user names none.

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
