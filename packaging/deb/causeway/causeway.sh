#!/bin/sh
# /usr/bin/causeway of the Debian package. dpkg has brought everything: this starts the program, fetches nothing and writes nothing below /usr.
set -eu

root=/usr/lib/causeway
node=$root/node/bin/node
command=${1-help}
uid=$(id -u)
# Debian keeps nft, ip and sysctl here, and a plain user's PATH lacks it.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

fail() {
	code=$1
	shift
	printf 'causeway: %s\n' "$*" >&2
	exit "$code"
}

wants_help=no
for argument in "$@"; do
	case $argument in -h | --help) wants_help=yes ;; esac
done

case $command in
node-path)
	printf '%s\n' "$node"
	exit 0
	;;
node)
	shift
	exec "$node" "$@"
	;;
test | bench | package)
	fail 2 "'causeway $command' works on the sources: run it in a clone of them"
	;;
service)
	if [ "${2-}" = install ] && [ "$wants_help" = no ]; then
		fail 2 "the package has brought the service: set its options in /etc/causeway/causeway.env, then run systemctl enable --now causeway"
	fi
	;;
lab)
	if [ "$wants_help" = no ] && [ "${2-}" != list ]; then
		# shellcheck source=src/launcher/packages.sh
		. "$root/src/launcher/packages.sh"
		missing=$(missing_packages lab)
		[ -z "$missing" ] || fail 1 "'causeway lab' needs the Debian packages $missing: run apt-get install --no-install-recommends $missing"
		[ -e "$root/src/gateway/main.ts" ] || fail 1 "'causeway lab' needs a gateway: run apt-get install causeway-gateway"
	fi
	;;
up)
	# A machine for the controller alone is one where the gateway's package was left out.
	[ -e "$root/src/gateway/main.ts" ] || set -- "$@" --no-gateway
	;;
esac

if [ "$uid" = 0 ]; then
	cache=/var/cache/causeway
else
	cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/causeway
fi
# Compiled modules are kept: half of the time that a command takes to load. Where they cannot be written, Node goes on without.
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE-$cache/compiled}
export NODE_COMPILE_CACHE
exec "$node" "$root/src/cli/main.ts" "$@"
