#!/bin/sh
# /usr/sbin/causeway-connector of the Debian package: joins a controller, or hands over to the agent.
set -eu
umask 077

agent=/usr/lib/causeway-connector/agent.sh
settings=/etc/causeway-connector/connector.conf
state=/var/lib/causeway-connector

fail() {
	code=$1
	shift
	printf 'causeway-connector: %s\n' "$*" >&2
	exit "$code"
}

# setting NAME: its value in the file of settings, without quotes.
setting() {
	sed -n "s/^$1=[\"']\\{0,1\\}\\([^\"']*\\)[\"']\\{0,1\\}[[:space:]]*\$/\\1/p" "$settings" 2>/dev/null | tail -n 1
}

# install_connector TOKEN [--keep-sysctl]: asks the controller of the settings for its CA, and joins.
install_connector() {
	token=
	keep_sysctl=
	[ "$(setting KEEP_SYSCTL)" != yes ] || keep_sysctl=--keep-sysctl
	for argument; do
		case $argument in
		--keep-sysctl) keep_sysctl=--keep-sysctl ;;
		-*) fail 2 "unknown option $argument; allowed is --keep-sysctl" ;;
		*)
			[ -z "$token" ] || fail 2 'one token only'
			token=$argument
			;;
		esac
	done
	# On standard input nobody sees it among the machine's processes.
	[ -n "$token" ] || IFS= read -r token || fail 2 'give the install token, as an argument or on standard input'
	controller=$(setting CONTROLLER)
	pin=$(setting PIN)
	case $controller in
	https://*) ;;
	*) fail 2 "CONTROLLER in $settings is '$controller': set it to https://HOST[:PORT] of the controller, or paste the whole install line, which needs no settings" ;;
	esac
	[ "$(id -u)" = 0 ] || fail 4 'run this as root'
	set -- -q -fsS --proto =https --connect-timeout 10 --max-time 60
	# As in the install line: the machine trusts nothing yet, and curl takes this one key and no other.
	[ -z "$pin" ] || set -- "$@" -k --pinnedpubkey "$pin"
	installer=$(curl "$@" "${controller%/}/connector/install.sh") ||
		fail 1 "could not fetch ${controller%/}/connector/install.sh${pin:+ with the key $pin}: is it the controller, and is PIN in $settings its key (causeway fingerprint)?"
	ca=$(printf '%s\n' "$installer" | sed -n "/^CAUSEWAY_CA='/,/'\$/{s/^CAUSEWAY_CA='//;s/'\$//;p;}")
	# shellcheck disable=SC2086 # one word or none
	printf '%s\n' "$token" "${controller%/}" "$ca" | join "$(manager)" $keep_sysctl
}

manager() {
	if [ -d /run/systemd/system ]; then
		echo systemd
	elif [ -x /sbin/openrc-run ]; then
		echo openrc
	else
		echo none
	fi
}

# join MANAGER [--keep-sysctl]: reads token, URL and CA on standard input. Also called by the installer of the pasted line. A connector that
# such a line has installed without the package is taken over: its key and its tunnel stay.
join() {
	[ "$(id -u)" = 0 ] || fail 4 'run this as root'
	IFS= read -r token
	IFS= read -r url
	ca=$(cat)
	mkdir -p "$state"
	if [ "${2-}" = --keep-sysctl ]; then : >"$state/keep-sysctl"; else rm -f "$state/keep-sysctl"; fi
	for file in ca.pem controller; do cp -p "$state/$file" "$state/$file.before" 2>/dev/null || rm -f "$state/$file.before"; done
	printf '%s\n' "$ca" >"$state/ca.pem"
	printf '%s\n' "$url" >"$state/controller"
	joined=yes
	printf '%s\n' "$token" | "$agent" enroll || joined=
	if [ -z "$joined" ]; then
		# What worked before goes on with whom it trusted before.
		for file in ca.pem controller; do mv "$state/$file.before" "$state/$file" 2>/dev/null || rm -f "$state/$file"; done
		exit 1
	fi
	rm -f "$state/ca.pem.before" "$state/controller.before"
	rm -rf /usr/local/lib/causeway-connector
	rm -f /usr/local/sbin/causeway-connector /etc/systemd/system/causeway-connector.service "/etc/systemd/system/causeway-connector-tunnel@.service"
	"$agent" setup "$1"
	if [ "$1" = none ]; then
		printf 'The connector is enrolled. There is no service manager here: start %s run\n' "$agent"
	else
		printf 'The connector is installed and starts with the machine. See: causeway-connector status. Remove it: apt-get purge causeway-connector\n'
	fi
}

case ${1-} in
install)
	shift
	install_connector "$@"
	;;
join)
	shift
	join "$@"
	;;
run | enroll | setup | prepare-device | withdraw | uninstall | status) exec "$agent" "$@" ;;
*)
	printf 'usage: causeway-connector install [TOKEN] [--keep-sysctl] | status | uninstall\n' >&2
	exit 2
	;;
esac
