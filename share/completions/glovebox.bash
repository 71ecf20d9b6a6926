# Completions of glovebox for bash, made by: glovebox completion bash
_glovebox() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} name=${COMP_WORDS[1]} at
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W 'try setup doctor run ps exec logs events stop rm cp diff commit gc network lab image policy engines snapshot tools exam price compare choose help completion --help --version' -- "$word")
    return
  fi
  case $name in
    network|image|policy|snapshot|tools|exam) name="$name ${COMP_WORDS[2]}" ;;
  esac
  if [ "$COMP_CWORD" -eq 2 ]; then
    case ${COMP_WORDS[1]} in
      network) mapfile -t COMPREPLY < <(compgen -W 'show allow deny log' -- "$word"); return ;;
      image) mapfile -t COMPREPLY < <(compgen -W 'build import list show verify tag remove export' -- "$word"); return ;;
      policy) mapfile -t COMPREPLY < <(compgen -W 'show' -- "$word"); return ;;
      snapshot) mapfile -t COMPREPLY < <(compgen -W 'list remove' -- "$word"); return ;;
      tools) mapfile -t COMPREPLY < <(compgen -W 'show update' -- "$word"); return ;;
      exam) mapfile -t COMPREPLY < <(compgen -W 'list explain diff verify' -- "$word"); return ;;
    esac
  fi
  # Behind two dashes stands somebody else's command line.
  for ((at = 2; at < COMP_CWORD; at++)); do
    if [ "${COMP_WORDS[at]}" = -- ]; then mapfile -t COMPREPLY < <(compgen -f -- "$word"); return; fi
  done
  case $name in
    'try')
      case $before in
        --out|-o) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--yes --out --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -f -- "$word"); fi ;;
    'setup')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--yes --dry-run --json --help' -- "$word")
      else :; fi ;;
    'doctor')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--updates --again --json --help' -- "$word")
      else :; fi ;;
    'run')
      case $before in
        --image|-i) mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); return ;;
        --engine) mapfile -t COMPREPLY < <(compgen -W 'container gvisor uml microvm vm auto' -- "$word"); return ;;
        --require) :; return ;;
        --budget) :; return ;;
        --keep) :; return ;;
        --home) :; return ;;
        --env|-e) :; return ;;
        --workdir|-w) :; return ;;
        --user|-u) :; return ;;
        --hostname) :; return ;;
        --put) :; return ;;
        --get) :; return ;;
        --flows) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --capture) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --require-verified) :; return ;;
        --signers) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --policy) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --network) :; return ;;
        --publish) :; return ;;
        --join) :; return ;;
        --memory) :; return ;;
        --cpus) :; return ;;
        --processes) :; return ;;
        --open-files) :; return ;;
        --disk) :; return ;;
        --wall) :; return ;;
        --allow-unenforced) mapfile -t COMPREPLY < <(compgen -W 'memory cpus processes open-files disk wall' -- "$word"); return ;;
        --grant) mapfile -t COMPREPLY < <(compgen -W 'user-namespaces' -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--image --engine --require --budget --keep --home --env --workdir --user --hostname --tty --no-tty --detach --put --get --warm --flows --capture --require-verified --signers --policy --network --publish --join --memory --cpus --processes --open-files --disk --wall --allow-unenforced --grant --dry-run --json --help' -- "$word")
      else :; fi ;;
    'ps')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--all --json --help' -- "$word")
      else :; fi ;;
    'exec')
      case $before in
        --env|-e) :; return ;;
        --workdir|-w) :; return ;;
        --user|-u) :; return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--env --workdir --user --tty --no-tty --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'logs')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--follow --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'events')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--follow --json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'stop')
      case $before in
        --grace) :; return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--grace --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'rm')
      case $before in
        --home) :; return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--home --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'cp')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -f -- "$word"); fi ;;
    'diff')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'commit')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'gc')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else :; fi ;;
    'network show')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'network allow')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'network deny')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'network log')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--follow --json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\(id\|name\)": "\([A-Za-z0-9._-]*\)".*/\2/p')" -- "$word"); fi ;;
    'lab')
      case $before in
        --node) mapfile -t COMPREPLY < <(compgen -W 'host bridged printer nas victim router internet narrow' -- "$word"); return ;;
        --arrivals) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--node --arrivals --show-arrivals --frames --servers --map --json --help' -- "$word")
      else :; fi ;;
    'image build')
      case $before in
        --lock-file) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--locked --lock-file --offline --no-cache --json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -f -- "$word"); fi ;;
    'image import')
      case $before in
        --name|-n) :; return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--name --strip-privileged --json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -f -- "$word"); fi ;;
    'image list')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else :; fi ;;
    'image show')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--lock --sbom --json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); fi ;;
    'image verify')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--repair --json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); fi ;;
    'image tag')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); fi ;;
    'image remove')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); fi ;;
    'image export')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); fi ;;
    'policy show')
      case $before in
        --policy) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --network) :; return ;;
        --publish) :; return ;;
        --join) :; return ;;
        --memory) :; return ;;
        --cpus) :; return ;;
        --processes) :; return ;;
        --open-files) :; return ;;
        --disk) :; return ;;
        --wall) :; return ;;
        --allow-unenforced) mapfile -t COMPREPLY < <(compgen -W 'memory cpus processes open-files disk wall' -- "$word"); return ;;
        --grant) mapfile -t COMPREPLY < <(compgen -W 'user-namespaces' -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--policy --network --publish --join --memory --cpus --processes --open-files --disk --wall --allow-unenforced --grant --json --help' -- "$word")
      else mapfile -t COMPREPLY < <(compgen -f -- "$word"); fi ;;
    'engines')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else :; fi ;;
    'snapshot')
      case $before in
        --image|-i) mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); return ;;
        --engine) mapfile -t COMPREPLY < <(compgen -W 'microvm vm' -- "$word"); return ;;
        --policy) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --network) :; return ;;
        --publish) :; return ;;
        --join) :; return ;;
        --memory) :; return ;;
        --cpus) :; return ;;
        --processes) :; return ;;
        --open-files) :; return ;;
        --disk) :; return ;;
        --wall) :; return ;;
        --allow-unenforced) mapfile -t COMPREPLY < <(compgen -W 'memory cpus processes open-files disk wall' -- "$word"); return ;;
        --grant) mapfile -t COMPREPLY < <(compgen -W 'user-namespaces' -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--image --engine --policy --network --publish --join --memory --cpus --processes --open-files --disk --wall --allow-unenforced --grant --json --help' -- "$word")
      else :; fi ;;
    'snapshot list')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else :; fi ;;
    'snapshot remove')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--help' -- "$word")
      else :; fi ;;
    'tools show')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else :; fi ;;
    'tools update')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else :; fi ;;
    'exam')
      case $before in
        --engine) mapfile -t COMPREPLY < <(compgen -W 'container gvisor uml microvm vm all' -- "$word"); return ;;
        --image|-i) mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); return ;;
        --only) :; return ;;
        --foreign) :; return ;;
        --junit) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --sarif) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --html) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --markdown) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --certificate) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --key) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --policy) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --network) :; return ;;
        --publish) :; return ;;
        --join) :; return ;;
        --memory) :; return ;;
        --cpus) :; return ;;
        --processes) :; return ;;
        --open-files) :; return ;;
        --disk) :; return ;;
        --wall) :; return ;;
        --allow-unenforced) mapfile -t COMPREPLY < <(compgen -W 'memory cpus processes open-files disk wall' -- "$word"); return ;;
        --grant) mapfile -t COMPREPLY < <(compgen -W 'user-namespaces' -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--engine --image --only --foreign --strict --self-test --json --junit --sarif --html --markdown --certificate --key --policy --network --publish --join --memory --cpus --processes --open-files --disk --wall --allow-unenforced --grant --help' -- "$word")
      else :; fi ;;
    'exam list')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else :; fi ;;
    'exam explain')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else :; fi ;;
    'exam diff')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$word")
      else :; fi ;;
    'exam verify')
      case $before in
        --signers) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--signers --json --help' -- "$word")
      else :; fi ;;
    'price')
      case $before in
        --engine) mapfile -t COMPREPLY < <(compgen -W 'container gvisor uml microvm vm all' -- "$word"); return ;;
        --image|-i) mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); return ;;
        --policy) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --network) :; return ;;
        --publish) :; return ;;
        --join) :; return ;;
        --memory) :; return ;;
        --cpus) :; return ;;
        --processes) :; return ;;
        --open-files) :; return ;;
        --disk) :; return ;;
        --wall) :; return ;;
        --allow-unenforced) mapfile -t COMPREPLY < <(compgen -W 'memory cpus processes open-files disk wall' -- "$word"); return ;;
        --grant) mapfile -t COMPREPLY < <(compgen -W 'user-namespaces' -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--engine --image --quick --neighbours --trust --json --policy --network --publish --join --memory --cpus --processes --open-files --disk --wall --allow-unenforced --grant --help' -- "$word")
      else :; fi ;;
    'compare')
      case $before in
        --engine) mapfile -t COMPREPLY < <(compgen -W 'container gvisor uml microvm vm all' -- "$word"); return ;;
        --foreign) :; return ;;
        --image|-i) mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); return ;;
        --only) :; return ;;
        --exam) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --price) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --output|-o) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --markdown) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --policy) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --network) :; return ;;
        --publish) :; return ;;
        --join) :; return ;;
        --memory) :; return ;;
        --cpus) :; return ;;
        --processes) :; return ;;
        --open-files) :; return ;;
        --disk) :; return ;;
        --wall) :; return ;;
        --allow-unenforced) mapfile -t COMPREPLY < <(compgen -W 'memory cpus processes open-files disk wall' -- "$word"); return ;;
        --grant) mapfile -t COMPREPLY < <(compgen -W 'user-namespaces' -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--engine --foreign --image --only --quick --neighbours --exam --price --output --markdown --json --policy --network --publish --join --memory --cpus --processes --open-files --disk --wall --allow-unenforced --grant --help' -- "$word")
      else :; fi ;;
    'choose')
      case $before in
        --require) :; return ;;
        --budget) :; return ;;
        --app) :; return ;;
        --image|-i) mapfile -t COMPREPLY < <(compgen -W "$(glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\([A-Za-z0-9._/:-]*\)".*/\1/p')" -- "$word"); return ;;
        --policy) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --network) :; return ;;
        --publish) :; return ;;
        --join) :; return ;;
        --memory) :; return ;;
        --cpus) :; return ;;
        --processes) :; return ;;
        --open-files) :; return ;;
        --disk) :; return ;;
        --wall) :; return ;;
        --allow-unenforced) mapfile -t COMPREPLY < <(compgen -W 'memory cpus processes open-files disk wall' -- "$word"); return ;;
        --grant) mapfile -t COMPREPLY < <(compgen -W 'user-namespaces' -- "$word"); return ;;
      esac
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--require --budget --app --image --policy --network --publish --join --memory --cpus --processes --open-files --disk --wall --allow-unenforced --grant --json --help' -- "$word")
      else :; fi ;;
    'help')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--version --help' -- "$word")
      else :; fi ;;
    'completion')
      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '--help' -- "$word")
      else :; fi ;;
  esac
}
complete -o filenames -o bashdefault -F _glovebox glovebox
