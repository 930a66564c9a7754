#!/bin/sh
# Of causeway and of causeway-gateway. Stops the service before its files go: the controller's own, or what lanes need and this package asked for; without the
# gateway it goes on after a start. An upgrade leaves it running: it is restarted when the new files are there.
set -e

case $1 in
remove)
	if [ -d /run/systemd/system ]; then deb-systemd-invoke stop causeway.service; fi
	# The supervisor holds this lock for as long as it lives, whoever started it.
	if [ -d /var/lib/causeway ] && ! flock --nonblock /var/lib/causeway true; then
		echo "$DPKG_MAINTSCRIPT_PACKAGE: 'causeway up' still runs on /var/lib/causeway: stop it, then remove the package" >&2
		exit 1
	fi
	;;
upgrade | deconfigure | failed-upgrade) ;;
*)
	echo "$DPKG_MAINTSCRIPT_PACKAGE.prerm: called with unknown argument $1" >&2
	exit 1
	;;
esac
