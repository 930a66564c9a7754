#!/bin/sh
# A connector that has joined goes on with the new agent; its tunnel is not touched. One that a pasted line has installed is left alone.
set -e

state=/var/lib/causeway-connector
case $1 in
configure)
	if [ -d /run/systemd/system ]; then systemctl --system daemon-reload >/dev/null || true; fi
	if [ -e /usr/local/lib/causeway-connector/agent.sh ]; then
		echo 'causeway-connector: an install line has installed this connector, which goes on. A new install line hands it to the package.'
	elif [ -s "$state/credential" ] && [ -s "$state/controller" ]; then
		if [ -d /run/systemd/system ]; then /usr/lib/causeway-connector/agent.sh setup systemd; fi
	else
		echo 'causeway-connector: paste the install line of a connector as root, or run: causeway-connector install TOKEN'
	fi
	;;
abort-upgrade | abort-remove | abort-deconfigure) ;;
*)
	echo "causeway-connector.postinst: called with unknown argument $1" >&2
	exit 1
	;;
esac
