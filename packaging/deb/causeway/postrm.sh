#!/bin/sh
# Removing keeps the data, the configuration and the users that the data belongs to; purging takes all of them.
set -e
users='@USERS@'

case $1 in
remove)
	if [ -d /run/systemd/system ]; then systemctl --system daemon-reload >/dev/null || true; fi
	;;
purge)
	rm -rf /var/lib/causeway /var/cache/causeway/compiled
	rmdir /var/cache/causeway /etc/causeway 2>/dev/null || true
	for user in $users; do
		if getent passwd "$user" >/dev/null; then userdel "$user" >/dev/null || echo "causeway: the user $user stays" >&2; fi
	done
	if command -v deb-systemd-helper >/dev/null; then deb-systemd-helper purge causeway.service >/dev/null || true; fi
	;;
upgrade | failed-upgrade | abort-install | abort-upgrade | disappear) ;;
*)
	echo "causeway.postrm: called with unknown argument $1" >&2
	exit 1
	;;
esac
