#!/bin/sh
# Purging forgets who this connector was. One that a pasted line has installed is not ours.
set -e

state=/var/lib/causeway-connector
case $1 in
remove)
	if [ -d /run/systemd/system ]; then systemctl --system daemon-reload >/dev/null || true; fi
	;;
purge)
	if [ ! -e /usr/local/lib/causeway-connector/agent.sh ]; then
		if [ -e "$state/restore/user" ] && getent passwd causeway-connector >/dev/null; then
			userdel causeway-connector >/dev/null || echo 'causeway-connector: the user causeway-connector stays' >&2
		fi
		rm -rf "$state" /run/causeway-connector
	fi
	rmdir /etc/causeway-connector 2>/dev/null || true
	;;
upgrade | failed-upgrade | abort-install | abort-upgrade | disappear) ;;
*)
	echo "causeway-connector.postrm: called with unknown argument $1" >&2
	exit 1
	;;
esac
