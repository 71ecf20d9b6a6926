# What a person does to start a virtual machine monitor by hand from the tools image: a root of its layers, and no more.
#   hand.sh LAYERS ROOT DISKS FILES EMPTY COMMAND…
# In namespaces that unshare(1) has made. "hand starts" is where the clock of what was started by hand begins.
set -e
layers=$1 root=$2 disks=$3 files=$4 empty=$5
shift 5
mount -t overlay -o "lowerdir=$layers" overlay "$root"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
mount --bind "$disks" "$root/mnt"
mount --bind "$files" "$root/srv"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs tmpfs "$root/tmp"
cp --sparse=always "$empty" "$root/tmp/own"
echo 'hand starts'
exec chroot "$root" "$@"
