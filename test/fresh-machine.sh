#!/bin/sh
# Proves the first start on a machine that has only Debian 12 and its package sources: a debootstrap minbase tree, the committed
# state of this checkout, one command. Run by hand as root, takes some minutes:
#
#   test/fresh-machine.sh            bootstrap, ready line, health, stop, second start
#   test/fresh-machine.sh --test     and then `causeway test` on the same tree
#
# From the host come only the package sources (apt's mirror and proxy, npm's registry and authorities) and name resolution. The tree,
# its processes and its mounts are removed afterwards, also after a failure. The host's network is shared: ports 443 and 1194 must
# be free, or be chosen with CAUSEWAY_LISTEN and CAUSEWAY_VPN_PORT.
set -eu

here=$(readlink -f -- "$0")
checkout=${here%/test/fresh-machine.sh}
release=bookworm

say() {
	printf '%s  %s\n' "$(date +%T)" "$*"
}

fail() {
	say "FAILED: $*" >&2
	exit 1
}

# Everything runs in namespaces of its own: when the first process ends, its children and mounts end with it.
if [ "${1-}" != --inside ]; then
	[ "$(id -u)" = 0 ] || fail 'needs root, for debootstrap and chroot'
	command -v debootstrap >/dev/null || fail 'needs debootstrap: apt-get install debootstrap'
	command -v curl >/dev/null || fail 'needs curl: apt-get install curl'
	tree=$(mktemp -d /var/tmp/causeway-fresh-XXXXXX)
	chmod 755 "$tree"
	forwarding=$(cat /proc/sys/net/ipv4/ip_forward)
	forwarding6=$(cat /proc/sys/net/ipv6/conf/all/forwarding 2>/dev/null || :)
	# shellcheck disable=SC2317,SC2329 # called by the trap
	remove() {
		rm -rf --one-file-system "$tree" "$tree.sources" "$tree.log"
		printf '%s\n' "$forwarding" >/proc/sys/net/ipv4/ip_forward
		[ -z "$forwarding6" ] || printf '%s\n' "$forwarding6" >/proc/sys/net/ipv6/conf/all/forwarding
	}
	trap remove EXIT
	trap 'exit 130' INT TERM HUP
	unshare --mount --propagation private --pid --fork --kill-child -- "$here" --inside "$tree" "$@"
	exit
fi

tree=$2
shift 2
also_test=no
case ${1-} in
'') ;;
--test) also_test=yes ;;
*) fail "$1 is not an option: give --test or nothing" ;;
esac

# sources: one line for each Debian suite that the host's apt knows, as sources.list wants it.
sources() {
	apt-get indextargets --no-release-info --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' |
		awk -v release="$release" '$3 == "main" && index($2, release) == 1 && !seen[$1 $2]++ { print "deb", $1, $2, $3 }'
}

make_tree() {
	sources >"$tree.sources"
	mirror=$(awk -v release="$release" '$3 == release { print $2; exit }' "$tree.sources")
	[ -n "$mirror" ] || fail "the host's apt knows no source of Debian $release"
	say "debootstrap minbase from the host's mirror"
	debootstrap --variant=minbase "$release" "$tree" "$mirror" >"$tree.log" 2>&1 || {
		tail -n 20 "$tree.log"
		fail 'debootstrap'
	}
	mv "$tree.sources" "$tree/etc/apt/sources.list"
	rm -f "$tree.log"
	say "tree of $(du -sh "$tree" | cut -f1), $(chroot "$tree" dpkg-query -W | wc -l) packages"
}

# package_sources: what a machine behind the same proxies and authorities would have been given by its administrator.
package_sources() {
	apt-config dump | grep -E '^Acquire::https?::(Proxy|CAInfo|CaInfo|Verify)' >"$tree/etc/apt/apt.conf.d/99host" || :
	cp /etc/resolv.conf /etc/hosts "$tree/etc/"
	authorities=${NODE_EXTRA_CA_CERTS-}
	for configuration in "${HOME:-/root}/.npmrc" "$(npm config get globalconfig 2>/dev/null || :)"; do
		[ -f "$configuration" ] || continue
		cafile=$(sed -n 's/^cafile *= *"\{0,1\}\([^"]*\).*/\1/p' "$configuration" | head -n 1)
		[ -z "$cafile" ] || authorities=${authorities:-$cafile}
		grep -v '^cafile' "$configuration" >>"$tree/root/.npmrc" || :
	done
	registry=$(npm config get registry 2>/dev/null || :)
	[ -z "$registry" ] || printf 'registry=%s\n' "$registry" >>"$tree/root/.npmrc"
	if [ -n "$authorities" ] && [ -f "$authorities" ]; then
		cp "$authorities" "$tree/etc/host-authorities.pem"
		# For every user: the authorities of a machine are no secret, and npm may run as another.
		chmod 644 "$tree/etc/host-authorities.pem"
		printf 'cafile=/etc/host-authorities.pem\n' >>"$tree/root/.npmrc"
	fi
	[ ! -f "$tree/root/.npmrc" ] || chmod 600 "$tree/root/.npmrc"
}

mounts() {
	mount --bind "$tree" "$tree"
	mkdir "$tree/.host"
	mount -t proc proc "$tree/proc"
	mount -t sysfs sysfs "$tree/sys"
	mount -t tmpfs -o mode=755 tmpfs "$tree/dev"
	for device in null zero full random urandom tty; do
		cp -a "/dev/$device" "$tree/dev/$device"
	done
	mkdir "$tree/dev/net" "$tree/dev/pts" "$tree/dev/shm"
	cp -a /dev/net/tun "$tree/dev/net/tun"
	ln -s /proc/self/fd "$tree/dev/fd"
	mount -t devpts -o newinstance,ptmxmode=0666 devpts "$tree/dev/pts"
	ln -s pts/ptmx "$tree/dev/ptmx"
	mount -t tmpfs tmpfs "$tree/dev/shm"
	mount -t tmpfs -o mode=755 tmpfs "$tree/run"
}

# environment: a start file in the tree, so that nothing of the host's environment comes in but what says where packages are.
environment() {
	{
		printf 'export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n'
		for name in http_proxy https_proxy no_proxy CAUSEWAY_LISTEN CAUSEWAY_VPN_PORT; do
			eval "value=\${$name-}"
			[ -z "$value" ] || printf "export %s='%s'\n" "$name" "$value"
		done
		[ ! -f "$tree/etc/host-authorities.pem" ] || printf 'export NODE_EXTRA_CA_CERTS=/etc/host-authorities.pem\n'
		# shellcheck disable=SC2016 # expanded when the file runs
		printf 'cd /root/causeway && exec "$@"\n'
	} >"$tree/root/start"
}

# in_tree COMMAND...: with the tree as root of its own mount namespace. Not chroot alone: nsenter and setns lead to the namespace's root,
# which would be the host's, and the tests would change that. Every step is an exec, so the process is the command in the end.
in_tree() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	exec unshare --mount --propagation private sh -c '
		cd "$1" && shift && pivot_root . .host && umount -l /.host && exec chroot . env -i sh /root/start "$@"
	' sh "$tree" "$@"
}

milliseconds() {
	date +%s%3N
}

# start_up SECONDS: `causeway up`, until its ready line; sets up_pid and address.
start_up() {
	started=$(milliseconds)
	# Emptied first: the loop must not read the ready line of an earlier start.
	: >"$tree/up.out"
	# SIGTERM reaches causeway itself, as from a service manager.
	(in_tree ./causeway up >"$tree/up.out" 2>"$tree/up.err") &
	up_pid=$!
	until address=$(sed -n 's/^ready //p' "$tree/up.out") && [ -n "$address" ]; do
		kill -0 "$up_pid" 2>/dev/null || break
		[ $(($(milliseconds) - started)) -lt $(($1 * 1000)) ] || break
		sleep 0.05
	done
	took=$(($(milliseconds) - started))
	sed 's/^/    /' "$tree/up.err"
	[ -n "$address" ] || fail "causeway up was not ready within $1 s (what it said is above)"
	say "ready $address after $took ms"
}

stop_up() {
	kill -TERM "$up_pid"
	code=0
	wait "$up_pid" || code=$?
	[ "$code" = 0 ] || fail "causeway up ended with $code after SIGTERM"
	say 'stopped by SIGTERM with exit code 0'
}

healthy() {
	health=$(curl --silent --show-error --fail --max-time 10 --cacert "$tree/var/lib/causeway/ca.crt" "$address/api/causeway/v1/healthz") ||
		fail "$address/api/causeway/v1/healthz does not answer"
	say "health: $health"
}

make_tree
package_sources
mounts
environment
# What is committed, and nothing else of this checkout: no node_modules, no cache.
git -c safe.directory='*' clone --quiet --no-hardlinks "$checkout" "$tree/root/causeway"
say "clone of $(git -C "$tree/root/causeway" rev-parse --short HEAD)"

say 'first start: causeway up'
start_up 600
healthy
stop_up
say 'second start: causeway up'
start_up 60
healthy
[ "$took" -le 3000 ] || say "SLOW: the budget of a second start is 3000 ms"
stop_up

if [ "$also_test" = yes ]; then
	say 'causeway test'
	(in_tree ./causeway test) || fail 'causeway test'
fi
say 'passed'
