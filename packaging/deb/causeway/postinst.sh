#!/bin/sh
# Makes the users that the service's processes run as. Nothing is started or enabled at the first installation: the name that goes into
# certificates and profiles is chosen before. An upgrade restarts a running service once, when all packages are in place: by a trigger.
set -e
users='@USERS@'

restart() {
	if [ -d /run/systemd/system ]; then
		systemctl --system daemon-reload >/dev/null || true
		# Does nothing where the service neither runs nor is enabled. Tunnels go on (docs/service.md).
		deb-systemd-invoke restart causeway.service >/dev/null 2>&1 || echo 'causeway: the service did not start again: journalctl -u causeway' >&2
	fi
}

case $1 in
configure)
	for user in $users; do
		getent passwd "$user" >/dev/null ||
			useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
	done
	deb-systemd-helper unmask causeway.service >/dev/null || true
	deb-systemd-helper update-state causeway.service >/dev/null || true
	if [ -n "$2" ]; then
		dpkg-trigger --no-await causeway-restart
	else
		if [ -d /run/systemd/system ]; then systemctl --system daemon-reload >/dev/null || true; fi
		echo 'causeway: set the name in /etc/causeway/causeway.env, then start it: systemctl enable --now causeway'
	fi
	;;
triggered) restart ;;
abort-upgrade | abort-remove | abort-deconfigure) ;;
*)
	echo "causeway.postinst: called with unknown argument $1" >&2
	exit 1
	;;
esac
