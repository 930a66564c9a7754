#!/bin/sh
# A running gateway ends with its files: its lanes need programs that this package asked for. The controller goes on after a restart.
set -e

case $1 in
remove)
	if [ -d /run/systemd/system ]; then deb-systemd-invoke stop causeway.service; fi
	if [ -d /var/lib/causeway ] && ! flock --nonblock /var/lib/causeway true; then
		echo "causeway-gateway: 'causeway up' still runs on /var/lib/causeway: stop it, then remove the package" >&2
		exit 1
	fi
	;;
upgrade | deconfigure | failed-upgrade) ;;
*)
	echo "causeway-gateway.prerm: called with unknown argument $1" >&2
	exit 1
	;;
esac
