# Completions of glovebox for fish, made by: glovebox completion fish
complete -c glovebox -f
complete -c glovebox -n __fish_use_subcommand -a try -d 'Set up, build a browser image, and render a page in a disposable box'
complete -c glovebox -n __fish_use_subcommand -a setup -d 'Install what is missing on this machine, after asking'
complete -c glovebox -n __fish_use_subcommand -a doctor -d 'Say what works on this machine, and the command that mends what does not'
complete -c glovebox -n __fish_use_subcommand -a run -d 'Run a command in a new, disposable box'
complete -c glovebox -n __fish_use_subcommand -a ps -d 'List boxes'
complete -c glovebox -n __fish_use_subcommand -a exec -d 'Run a further command in a running box'
complete -c glovebox -n __fish_use_subcommand -a logs -d 'Show what a detached box has printed'
complete -c glovebox -n __fish_use_subcommand -a events -d 'Tell what happens to boxes'
complete -c glovebox -n __fish_use_subcommand -a stop -d 'End boxes'
complete -c glovebox -n __fish_use_subcommand -a rm -d 'Delete kept and ended boxes'
complete -c glovebox -n __fish_use_subcommand -a cp -d 'Copy files into a running box or out of it'
complete -c glovebox -n __fish_use_subcommand -a diff -d 'List what a kept box has changed'
complete -c glovebox -n __fish_use_subcommand -a commit -d 'Make an image of a kept box'
complete -c glovebox -n __fish_use_subcommand -a gc -d 'Remove what ended boxes and interrupted builds left behind'
complete -c glovebox -n __fish_use_subcommand -a network -d 'Commands about network'
complete -c glovebox -n '__fish_seen_subcommand_from network; and not __fish_seen_subcommand_from show allow deny log' -a show -d 'Show what a running box\'s network lets through'
complete -c glovebox -n '__fish_seen_subcommand_from network; and not __fish_seen_subcommand_from show allow deny log' -a allow -d 'Open a name or address to a running box, at once'
complete -c glovebox -n '__fish_seen_subcommand_from network; and not __fish_seen_subcommand_from show allow deny log' -a deny -d 'Close a name or address to a running box, at once'
complete -c glovebox -n '__fish_seen_subcommand_from network; and not __fish_seen_subcommand_from show allow deny log' -a log -d 'Tell whom a box talked to, and what it was refused'
complete -c glovebox -n __fish_use_subcommand -a lab -d 'Try in a small world of its own what a box reaches'
complete -c glovebox -n __fish_use_subcommand -a image -d 'Commands about image'
complete -c glovebox -n '__fish_seen_subcommand_from image; and not __fish_seen_subcommand_from build import list show verify tag remove export' -a build -d 'Build an image from a recipe'
complete -c glovebox -n '__fish_seen_subcommand_from image; and not __fish_seen_subcommand_from build import list show verify tag remove export' -a import -d 'Import an OCI image, a docker archive or a root file system'
complete -c glovebox -n '__fish_seen_subcommand_from image; and not __fish_seen_subcommand_from build import list show verify tag remove export' -a list -d 'List images'
complete -c glovebox -n '__fish_seen_subcommand_from image; and not __fish_seen_subcommand_from build import list show verify tag remove export' -a show -d 'Show what an image is made of'
complete -c glovebox -n '__fish_seen_subcommand_from image; and not __fish_seen_subcommand_from build import list show verify tag remove export' -a verify -d 'Check images against their digests'
complete -c glovebox -n '__fish_seen_subcommand_from image; and not __fish_seen_subcommand_from build import list show verify tag remove export' -a tag -d 'Give an image a further name'
complete -c glovebox -n '__fish_seen_subcommand_from image; and not __fish_seen_subcommand_from build import list show verify tag remove export' -a remove -d 'Remove an image'
complete -c glovebox -n '__fish_seen_subcommand_from image; and not __fish_seen_subcommand_from build import list show verify tag remove export' -a export -d 'Write an image to a folder or archive'
complete -c glovebox -n __fish_use_subcommand -a policy -d 'Commands about policy'
complete -c glovebox -n '__fish_seen_subcommand_from policy; and not __fish_seen_subcommand_from show' -a show -d 'Say in words what a box may do'
complete -c glovebox -n __fish_use_subcommand -a engines -d 'List isolation technologies, and whether they work here'
complete -c glovebox -n __fish_use_subcommand -a snapshot -d 'Keep the memory of a booted machine, for boxes to start from'
complete -c glovebox -n '__fish_seen_subcommand_from snapshot; and not __fish_seen_subcommand_from list remove' -a list -d 'List the kept memories of booted machines'
complete -c glovebox -n '__fish_seen_subcommand_from snapshot; and not __fish_seen_subcommand_from list remove' -a remove -d 'Remove kept memories of machines'
complete -c glovebox -n __fish_use_subcommand -a tools -d 'Commands about tools'
complete -c glovebox -n '__fish_seen_subcommand_from tools; and not __fish_seen_subcommand_from show update' -a show -d 'Show the virtual machine monitors and guest kernels, with their versions'
complete -c glovebox -n '__fish_seen_subcommand_from tools; and not __fish_seen_subcommand_from show update' -a update -d 'Build the virtual machine monitors and guest kernels from what is current'
complete -c glovebox -n __fish_use_subcommand -a exam -d 'Prove how real the isolation is: canaries outside, probes inside'
complete -c glovebox -n '__fish_seen_subcommand_from exam; and not __fish_seen_subcommand_from list explain diff verify' -a list -d 'List the probes of the exam'
complete -c glovebox -n '__fish_seen_subcommand_from exam; and not __fish_seen_subcommand_from list explain diff verify' -a explain -d 'Say what a probe did, what it saw here, how to close it and what that costs'
complete -c glovebox -n '__fish_seen_subcommand_from exam; and not __fish_seen_subcommand_from list explain diff verify' -a diff -d 'Say what changed between two exams'
complete -c glovebox -n '__fish_seen_subcommand_from exam; and not __fish_seen_subcommand_from list explain diff verify' -a verify -d 'Check the signature of a certificate, and say what it certifies'
complete -c glovebox -n __fish_use_subcommand -a price -d 'Measure what the isolation costs on this machine'
complete -c glovebox -n __fish_use_subcommand -a compare -d 'Show what each technology gives and what it costs, side by side'
complete -c glovebox -n __fish_use_subcommand -a choose -d 'Name the cheapest technology that holds what you require'
complete -c glovebox -n __fish_use_subcommand -a help -d 'Explain a command or a topic'
complete -c glovebox -n __fish_use_subcommand -a completion -d 'Print the completions for a shell'
complete -c glovebox -n '__fish_seen_subcommand_from try' -s y -l yes -d 'Do not ask before installing distribution packages'
complete -c glovebox -n '__fish_seen_subcommand_from try' -s o -l out -d 'Where the results go (default glovebox-try)' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from try' -F
complete -c glovebox -n '__fish_seen_subcommand_from setup' -s y -l yes -d 'Do not ask'
complete -c glovebox -n '__fish_seen_subcommand_from setup' -l dry-run -d 'Only list what would be done'
complete -c glovebox -n '__fish_seen_subcommand_from setup' -l json -d 'With --dry-run, print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from doctor' -l updates -d 'Ask the mirror whether updates of the tools image are pending'
complete -c glovebox -n '__fish_seen_subcommand_from doctor' -l again -d 'Try KVM anew, whatever is remembered of it'
complete -c glovebox -n '__fish_seen_subcommand_from doctor' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from run' -s i -l image -d 'Image to run: a name or a digest (default base)' -x -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l engine -d 'Isolation technology: glovebox help engines. Default: the image\'s, else container. auto: the cheapest that holds' -x -a 'container gvisor uml microvm vm auto'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l require -d 'With --engine auto: what must be held; default files,processes,terminal,desktop,network,persistence' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l budget -d 'With --engine auto: what it may cost, such as start<500ms,memory<200M' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l keep -d 'Keep what the box writes under this name; a second run goes on with it' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l home -d 'Keep only the user\'s home folder, under this name' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -s e -l env -d 'Set an environment variable in the box' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -s w -l workdir -d 'Working folder in the box' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -s u -l user -d 'Run as this user of the image: NAME, UID or UID:GID' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l hostname -d 'The box\'s name for itself (default box)' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -s t -l tty -d 'Give it a terminal, or none (default: as this command has one)'
complete -c glovebox -n '__fish_seen_subcommand_from run' -s d -l detach -d 'Run in the background; see: glovebox logs'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l put -d 'Copy a file or folder of this machine into the box first' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l get -d 'Copy a file or folder out of the box when the command has ended' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l warm -d 'Go on from a booted machine\'s kept memory instead of booting (engines vm and microvm); made on first use'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l flows -d 'Append a line of JSON for each flow of its network to this file' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from run' -l capture -d 'Write every frame that it sends or gets to this file, as pcapng' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from run' -l require-verified -d 'Refuse to start where no exam of this very box, kernel and tools is younger than AGE, such as 7d' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l signers -d 'With --require-verified: it must be signed by one of these (ssh-keygen)' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from run' -l policy -d 'Take the policy of a YAML or JSON file; the options below change it' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from run' -l network -d 'What it reaches: none, internet, lan, lan:HOST, host:PORT, allow:FILE (default: as its image asks)' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l publish -d 'Let this machine connect to a port of the box: [ADDRESS:]PORT[:BOXPORT][/udp]' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l join -d 'Let boxes that join the same name reach each other' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l memory -d 'Memory of the whole box, such as 512M' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l cpus -d 'CPUs\' worth of time, such as 1.5' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l processes -d 'Processes and threads together (default 4096)' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l open-files -d 'Open files of each process (default 65536)' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l disk -d 'What the box may write (default 2G)' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l wall -d 'End the box after this time, such as 30s or 2h' -x
complete -c glovebox -n '__fish_seen_subcommand_from run' -l allow-unenforced -d 'Go on where this host cannot hold that limit' -x -a 'memory cpus processes open-files disk wall'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l grant -d 'Allow more than the default; see: glovebox help policy' -x -a 'user-namespaces'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l dry-run -d 'Show the plan and the OCI bundle; start nothing'
complete -c glovebox -n '__fish_seen_subcommand_from run' -l json -d 'Print JSON (with --dry-run and --detach), and errors as JSON'
complete -c glovebox -n '__fish_seen_subcommand_from ps' -s a -l all -d 'Kept and ended boxes, too'
complete -c glovebox -n '__fish_seen_subcommand_from ps' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from exec' -s e -l env -d 'Set an environment variable' -x
complete -c glovebox -n '__fish_seen_subcommand_from exec' -s w -l workdir -d 'Working folder (default: the box\'s)' -x
complete -c glovebox -n '__fish_seen_subcommand_from exec' -s u -l user -d 'Run as this user of the image (default: the box\'s)' -x
complete -c glovebox -n '__fish_seen_subcommand_from exec' -s t -l tty -d 'Give it a terminal, or none (default: as this command has one)'
complete -c glovebox -n '__fish_seen_subcommand_from exec' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from logs' -s f -l follow -d 'Go on until the box ends'
complete -c glovebox -n '__fish_seen_subcommand_from logs' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from events' -s f -l follow -d 'Go on; Ctrl-C ends it'
complete -c glovebox -n '__fish_seen_subcommand_from events' -l json -d 'Print JSON, a line each'
complete -c glovebox -n '__fish_seen_subcommand_from events' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from stop' -l grace -d 'Time to end in order (default 10s)' -x
complete -c glovebox -n '__fish_seen_subcommand_from stop' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from rm' -l home -d 'Delete a kept home folder' -x
complete -c glovebox -n '__fish_seen_subcommand_from rm' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from cp' -F
complete -c glovebox -n '__fish_seen_subcommand_from diff' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from diff' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from commit' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from commit' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from gc' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from network; and __fish_seen_subcommand_from show' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from network; and __fish_seen_subcommand_from show' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from network; and __fish_seen_subcommand_from allow' -l json -d 'Print the policy that is in force now, as JSON'
complete -c glovebox -n '__fish_seen_subcommand_from network; and __fish_seen_subcommand_from allow' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from network; and __fish_seen_subcommand_from deny' -l json -d 'Print the policy that is in force now, as JSON'
complete -c glovebox -n '__fish_seen_subcommand_from network; and __fish_seen_subcommand_from deny' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from network; and __fish_seen_subcommand_from log' -s f -l follow -d 'Go on until the box ends'
complete -c glovebox -n '__fish_seen_subcommand_from network; and __fish_seen_subcommand_from log' -l json -d 'Print JSON, a line each'
complete -c glovebox -n '__fish_seen_subcommand_from network; and __fish_seen_subcommand_from log' -a '(glovebox ps --all --json 2>/dev/null | sed -n \'s/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from lab' -l node -d 'Where the command runs: host (the default), or another node of the map' -x -a 'host bridged printer nas victim router internet narrow'
complete -c glovebox -n '__fish_seen_subcommand_from lab' -l arrivals -d 'Append what reaches the nodes to this file, as lines of JSON' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from lab' -l show-arrivals -d 'Print what reaches the nodes, to standard error'
complete -c glovebox -n '__fish_seen_subcommand_from lab' -l frames -d 'Tell of frames on the segment as well: ARP, DHCP, IPv6 neighbours, mDNS, and those of strangers'
complete -c glovebox -n '__fish_seen_subcommand_from lab' -l servers -d 'Start servers of HTTP/2, HTTP/3 and SIP in its internet; builds their image, lab, where it is missing'
complete -c glovebox -n '__fish_seen_subcommand_from lab' -l map -d 'Print who is there, and at which addresses; makes nothing'
complete -c glovebox -n '__fish_seen_subcommand_from lab' -l json -d 'Print the map as JSON'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from build' -l locked -d 'Hold to the versions of the lock file, and fail where they cannot be had'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from build' -l lock-file -d 'The lock file to write, or to hold to (default: beside the recipe)' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from build' -l offline -d 'Take what is built, without asking the mirror whether it has changed'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from build' -l no-cache -d 'Build again what is built already'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from build' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from build' -F
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from import' -s n -l name -d 'Name of the image in the store' -x
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from import' -l strip-privileged -d 'Drop setuid bits and device nodes instead of refusing the image'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from import' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from import' -F
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from list' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from show' -l lock -d 'Print the lock file'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from show' -l sbom -d 'Print the bill of materials (SPDX)'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from show' -l json -d 'Print JSON, as it does anyway'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from show' -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from verify' -l repair -d 'Unpack again what is missing or changed'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from verify' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from verify' -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from tag' -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from remove' -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from export' -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l policy -d 'Take the policy of a YAML or JSON file; the options below change it' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l network -d 'What it reaches: none, internet, lan, lan:HOST, host:PORT, allow:FILE (default: as its image asks)' -x
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l publish -d 'Let this machine connect to a port of the box: [ADDRESS:]PORT[:BOXPORT][/udp]' -x
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l join -d 'Let boxes that join the same name reach each other' -x
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l memory -d 'Memory of the whole box, such as 512M' -x
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l cpus -d 'CPUs\' worth of time, such as 1.5' -x
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l processes -d 'Processes and threads together (default 4096)' -x
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l open-files -d 'Open files of each process (default 65536)' -x
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l disk -d 'What the box may write (default 2G)' -x
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l wall -d 'End the box after this time, such as 30s or 2h' -x
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l allow-unenforced -d 'Go on where this host cannot hold that limit' -x -a 'memory cpus processes open-files disk wall'
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l grant -d 'Allow more than the default; see: glovebox help policy' -x -a 'user-namespaces'
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from show' -F
complete -c glovebox -n '__fish_seen_subcommand_from engines' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -s i -l image -d 'Image of the boxes: a name or a digest (default base)' -x -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l engine -d 'Virtual machine: vm (default) or microvm' -x -a 'microvm vm'
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l policy -d 'Take the policy of a YAML or JSON file; the options below change it' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l network -d 'What it reaches: none, internet, lan, lan:HOST, host:PORT, allow:FILE (default: as its image asks)' -x
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l publish -d 'Let this machine connect to a port of the box: [ADDRESS:]PORT[:BOXPORT][/udp]' -x
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l join -d 'Let boxes that join the same name reach each other' -x
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l memory -d 'Memory of the whole box, such as 512M' -x
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l cpus -d 'CPUs\' worth of time, such as 1.5' -x
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l processes -d 'Processes and threads together (default 4096)' -x
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l open-files -d 'Open files of each process (default 65536)' -x
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l disk -d 'What the box may write (default 2G)' -x
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l wall -d 'End the box after this time, such as 30s or 2h' -x
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l allow-unenforced -d 'Go on where this host cannot hold that limit' -x -a 'memory cpus processes open-files disk wall'
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l grant -d 'Allow more than the default; see: glovebox help policy' -x -a 'user-namespaces'
complete -c glovebox -n '__fish_seen_subcommand_from snapshot' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from snapshot; and __fish_seen_subcommand_from list' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from tools; and __fish_seen_subcommand_from show' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from tools; and __fish_seen_subcommand_from update' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l engine -d 'Engine to examine (default container); all for each of them' -x -a 'container gvisor uml microvm vm all'
complete -c glovebox -n '__fish_seen_subcommand_from exam' -s i -l image -d 'Image of the boxes (default base)' -x -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l only -d 'Assets, probes or numbers, with commas: files,kernel,56' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l foreign -d 'Ready lines of other sandboxes, with commas; all that are here' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l strict -d 'End with 3 also where a single probe could not say'
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l self-test -d 'Examine the exam: a box with every hole open, and one that never starts'
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l junit -d 'Write a JUnit report, too' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l sarif -d 'Write a SARIF report, too' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l html -d 'Write a page, too' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l markdown -d 'Write a document, too' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l certificate -d 'Write an in-toto statement of the result, for one engine' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l key -d 'Sign the certificate with this ssh key, as FILE.sig' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l policy -d 'Take the policy of a YAML or JSON file; the options below change it' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l network -d 'What it reaches: none, internet, lan, lan:HOST, host:PORT, allow:FILE (default: as its image asks)' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l publish -d 'Let this machine connect to a port of the box: [ADDRESS:]PORT[:BOXPORT][/udp]' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l join -d 'Let boxes that join the same name reach each other' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l memory -d 'Memory of the whole box, such as 512M' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l cpus -d 'CPUs\' worth of time, such as 1.5' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l processes -d 'Processes and threads together (default 4096)' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l open-files -d 'Open files of each process (default 65536)' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l disk -d 'What the box may write (default 2G)' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l wall -d 'End the box after this time, such as 30s or 2h' -x
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l allow-unenforced -d 'Go on where this host cannot hold that limit' -x -a 'memory cpus processes open-files disk wall'
complete -c glovebox -n '__fish_seen_subcommand_from exam' -l grant -d 'Allow more than the default; see: glovebox help policy' -x -a 'user-namespaces'
complete -c glovebox -n '__fish_seen_subcommand_from exam; and __fish_seen_subcommand_from list' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from exam; and __fish_seen_subcommand_from explain' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from exam; and __fish_seen_subcommand_from diff' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from exam; and __fish_seen_subcommand_from verify' -l signers -d 'Whose signatures are believed: allowed signers of ssh-keygen(1)' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from exam; and __fish_seen_subcommand_from verify' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from price' -l engine -d 'Engine to measure (default container); all for each of them' -x -a 'container gvisor uml microvm vm all'
complete -c glovebox -n '__fish_seen_subcommand_from price' -s i -l image -d 'Image of the boxes (default base)' -x -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from price' -l quick -d 'Fewer and shorter runs'
complete -c glovebox -n '__fish_seen_subcommand_from price' -l neighbours -d 'Also what a box that misbehaves does to a good one'
complete -c glovebox -n '__fish_seen_subcommand_from price' -l trust -d 'Run COMMAND on the bare host, too, with no wall around it: only for what you trust, and its image'
complete -c glovebox -n '__fish_seen_subcommand_from price' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from price' -l policy -d 'Take the policy of a YAML or JSON file; the options below change it' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from price' -l network -d 'What it reaches: none, internet, lan, lan:HOST, host:PORT, allow:FILE (default: as its image asks)' -x
complete -c glovebox -n '__fish_seen_subcommand_from price' -l publish -d 'Let this machine connect to a port of the box: [ADDRESS:]PORT[:BOXPORT][/udp]' -x
complete -c glovebox -n '__fish_seen_subcommand_from price' -l join -d 'Let boxes that join the same name reach each other' -x
complete -c glovebox -n '__fish_seen_subcommand_from price' -l memory -d 'Memory of the whole box, such as 512M' -x
complete -c glovebox -n '__fish_seen_subcommand_from price' -l cpus -d 'CPUs\' worth of time, such as 1.5' -x
complete -c glovebox -n '__fish_seen_subcommand_from price' -l processes -d 'Processes and threads together (default 4096)' -x
complete -c glovebox -n '__fish_seen_subcommand_from price' -l open-files -d 'Open files of each process (default 65536)' -x
complete -c glovebox -n '__fish_seen_subcommand_from price' -l disk -d 'What the box may write (default 2G)' -x
complete -c glovebox -n '__fish_seen_subcommand_from price' -l wall -d 'End the box after this time, such as 30s or 2h' -x
complete -c glovebox -n '__fish_seen_subcommand_from price' -l allow-unenforced -d 'Go on where this host cannot hold that limit' -x -a 'memory cpus processes open-files disk wall'
complete -c glovebox -n '__fish_seen_subcommand_from price' -l grant -d 'Allow more than the default; see: glovebox help policy' -x -a 'user-namespaces'
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l engine -d 'Engine to compare (default: all)' -x -a 'container gvisor uml microvm vm all'
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l foreign -d 'Also other sandboxes, with commas: firejail,podman; all that are here' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -s i -l image -d 'Image of the boxes (default base)' -x -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l only -d 'Assets, probes or numbers to ask, with commas: files,kernel,56' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l quick -d 'Measure with fewer and shorter runs: wider intervals'
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l neighbours -d 'Also measure what a box that misbehaves does to a good one'
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l exam -d 'Take this result of glovebox exam --json' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l price -d 'Take this result of glovebox price --json' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from compare' -s o -l output -d 'Write a page: FILE.html, and FILE.json beside it' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l markdown -d 'Write a document, too: the answer in plain words, and its tables' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l policy -d 'Take the policy of a YAML or JSON file; the options below change it' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l network -d 'What it reaches: none, internet, lan, lan:HOST, host:PORT, allow:FILE (default: as its image asks)' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l publish -d 'Let this machine connect to a port of the box: [ADDRESS:]PORT[:BOXPORT][/udp]' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l join -d 'Let boxes that join the same name reach each other' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l memory -d 'Memory of the whole box, such as 512M' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l cpus -d 'CPUs\' worth of time, such as 1.5' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l processes -d 'Processes and threads together (default 4096)' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l open-files -d 'Open files of each process (default 65536)' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l disk -d 'What the box may write (default 2G)' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l wall -d 'End the box after this time, such as 30s or 2h' -x
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l allow-unenforced -d 'Go on where this host cannot hold that limit' -x -a 'memory cpus processes open-files disk wall'
complete -c glovebox -n '__fish_seen_subcommand_from compare' -l grant -d 'Allow more than the default; see: glovebox help policy' -x -a 'user-namespaces'
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l require -d 'What must be held, with commas: files,lan,desktop,kernel' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l budget -d 'What it may cost, with commas: start<500ms,memory<200M' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l app -d 'For the image of this recipe, with the grants that it needs' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -s i -l image -d 'For boxes of this image (default base)' -x -a '(glovebox image list --json 2>/dev/null | sed -n \'s/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p\')'
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l policy -d 'Take the policy of a YAML or JSON file; the options below change it' -r -F
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l network -d 'What it reaches: none, internet, lan, lan:HOST, host:PORT, allow:FILE (default: as its image asks)' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l publish -d 'Let this machine connect to a port of the box: [ADDRESS:]PORT[:BOXPORT][/udp]' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l join -d 'Let boxes that join the same name reach each other' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l memory -d 'Memory of the whole box, such as 512M' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l cpus -d 'CPUs\' worth of time, such as 1.5' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l processes -d 'Processes and threads together (default 4096)' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l open-files -d 'Open files of each process (default 65536)' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l disk -d 'What the box may write (default 2G)' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l wall -d 'End the box after this time, such as 30s or 2h' -x
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l allow-unenforced -d 'Go on where this host cannot hold that limit' -x -a 'memory cpus processes open-files disk wall'
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l grant -d 'Allow more than the default; see: glovebox help policy' -x -a 'user-namespaces'
complete -c glovebox -n '__fish_seen_subcommand_from choose' -l json -d 'Print JSON'
complete -c glovebox -n '__fish_seen_subcommand_from help' -l version -d 'Print the version'
