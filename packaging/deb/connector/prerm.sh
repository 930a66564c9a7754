#!/bin/sh
# The machine is as it was before; key and credential stay until the package is purged.
set -e

case $1 in
remove)
	if [ ! -e /usr/local/lib/causeway-connector/agent.sh ] && [ -d /var/lib/causeway-connector ]; then
		/usr/lib/causeway-connector/agent.sh withdraw
	fi
	;;
upgrade | deconfigure | failed-upgrade) ;;
*)
	echo "causeway-connector.prerm: called with unknown argument $1" >&2
	exit 1
	;;
esac
