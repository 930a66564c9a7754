#!/bin/sh
# Stops the service before its files go. An upgrade leaves it running: it is restarted when the new files are there.
set -e

case $1 in
remove)
	if [ -d /run/systemd/system ]; then deb-systemd-invoke stop causeway.service; fi
	# The supervisor holds this lock for as long as it lives, whoever started it.
	if [ -d /var/lib/causeway ] && ! flock --nonblock /var/lib/causeway true; then
		echo "causeway: 'causeway up' still runs on /var/lib/causeway: stop it, then remove the package" >&2
		exit 1
	fi
	;;
upgrade | deconfigure | failed-upgrade) ;;
*)
	echo "causeway.prerm: called with unknown argument $1" >&2
	exit 1
	;;
esac
