#!/bin/sh
# The gateway is a part of causeway's service, which takes it up, or its new version, by a restart.
set -e

case $1 in
configure) dpkg-trigger --no-await causeway-restart ;;
abort-upgrade | abort-remove | abort-deconfigure) ;;
*)
	echo "causeway-gateway.postinst: called with unknown argument $1" >&2
	exit 1
	;;
esac
