# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# How agent and tunnel are started with the machine. Two services, so that an update or the death of the agent leaves the tunnel
# alone. What manages them is kept in STATE/service: systemd, openrc or none.

service_manager() {
  if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
    echo systemd
  elif [ -x /sbin/openrc-run ] && command -v rc-service >/dev/null 2>&1; then
    echo openrc
  else
    echo none
  fi
}

service_install() {
  service_kind=$1
  # Installed before in another way: those services go, or two of them would own the tunnel.
  if [ -s "$STATE/service" ] && [ "$(cat "$STATE/service")" != "$service_kind" ]; then service_remove; fi
  printf '%s\n' "$service_kind" | keep "$STATE/service" || exit 1
  case $service_kind in
    systemd)
      if [ -z "$PACKAGED" ]; then
        systemd_agent_unit | keep "$SYSTEMD_UNITS/causeway-connector.service" 0644 || exit 1
        systemd_tunnel_unit | keep "$SYSTEMD_UNITS/causeway-connector-tunnel@.service" 0644 || exit 1
      fi
      systemctl daemon-reload || die "systemctl daemon-reload failed"
      find_device
      systemctl enable --quiet causeway-connector.service "causeway-connector-tunnel@$DEVICE.service" || die "systemctl could not enable the connector's services"
      systemctl restart causeway-connector.service || die "the agent does not start: journalctl -u causeway-connector"
      ;;
    openrc)
      openrc_agent_script | keep "$OPENRC_SCRIPTS/causeway-connector" 0755 || exit 1
      openrc_tunnel_script | keep "$OPENRC_SCRIPTS/causeway-connector-tunnel" 0755 || exit 1
      find_device
      for service_device in $DEVICES; do ln -sf causeway-connector-tunnel "$OPENRC_SCRIPTS/causeway-connector-tunnel.$service_device"; done
      rc-update --quiet add causeway-connector default || die "rc-update could not add the connector's service"
      rc-update --quiet add "causeway-connector-tunnel.$DEVICE" default || die "rc-update could not add the tunnel's service"
      rc-service --quiet causeway-connector restart || die "the agent does not start: rc-service causeway-connector start"
      ;;
  esac
}

# service_boots DEVICE OTHER : after a hand-over: the tunnel that starts with the machine is the one in use.
service_boots() {
  case $(cat "$STATE/service") in
    systemd)
      systemctl enable --quiet "causeway-connector-tunnel@$1.service" || say "systemctl could not enable causeway-connector-tunnel@$1"
      systemctl disable --quiet "causeway-connector-tunnel@$2.service" || true
      ;;
    openrc)
      rc-update --quiet add "causeway-connector-tunnel.$1" default || say "rc-update could not add causeway-connector-tunnel.$1"
      rc-update --quiet del "causeway-connector-tunnel.$2" default || true
      ;;
  esac
}

service_remove() {
  case $(cat "$STATE/service" 2>/dev/null) in
    systemd)
      systemctl disable --quiet --now causeway-connector.service "causeway-connector-tunnel@$DEVICE.service" "causeway-connector-tunnel@$SPARE.service" 2>/dev/null || true
      ;;
    openrc)
      for service_name in causeway-connector "causeway-connector-tunnel.$DEVICE" "causeway-connector-tunnel.$SPARE"; do
        rc-service --quiet --ifexists "$service_name" stop || true
        rc-update --quiet del "$service_name" default 2>/dev/null || true
      done
      ;;
  esac
  # Without a service manager it is stopped here; with one, it may still be at work on the machine when the command returns.
  if other_agent; then end_process "$other_agent"; fi
  handover_stop
  rm -f "$SYSTEMD_UNITS/causeway-connector.service" "$SYSTEMD_UNITS/causeway-connector-tunnel@.service" \
    "$OPENRC_SCRIPTS/causeway-connector" "$OPENRC_SCRIPTS/causeway-connector-tunnel"
  for service_device in $DEVICES; do
    if tunnel_pid "$service_device"; then end_process "$tunnel_pid"; fi
    rm -f "$OPENRC_SCRIPTS/causeway-connector-tunnel.$service_device"
  done
  if [ "$(cat "$STATE/service" 2>/dev/null)" = systemd ]; then systemctl daemon-reload 2>/dev/null || true; fi
}

systemd_agent_unit() {
  cat <<END
[Unit]
Description=Causeway connector agent
Wants=network-online.target
After=network-online.target nftables.service firewalld.service ufw.service docker.service
StartLimitIntervalSec=0

[Service]
ExecStart=$PROGRAM run
Restart=always
RestartSec=2
ProtectHome=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
END
}

systemd_tunnel_unit() {
  cat <<END
[Unit]
Description=Causeway connector tunnel %i
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0
# Until the agent has fetched a profile there is nothing to start.
ConditionPathExists=$STATE/%i.conf

[Service]
ExecStartPre=$PROGRAM prepare-device %i
ExecStart=${OPENVPN:-$(command -v openvpn)} --config $STATE/%i.conf
Restart=always
RestartSec=200ms
ProtectHome=yes
PrivateTmp=yes
NoNewPrivileges=yes

[Install]
WantedBy=multi-user.target
END
}

# `use`, not `need`: not every OpenRC has a service for the network (Debian's has none), and both try again until it is there. A tunnel is
# started again at once, which is the default; a delay of 0 is refused.
openrc_agent_script() {
  cat <<END
#!/sbin/openrc-run
name="Causeway connector agent"
supervisor=supervise-daemon
command=$PROGRAM
command_args=run
respawn_delay=2
respawn_max=0
output_logger="logger -t causeway-connector"
error_logger="logger -t causeway-connector"
depend() {
	use net
	after firewall nftables docker
}
END
}

openrc_tunnel_script() {
  cat <<END
#!/sbin/openrc-run
device="\${RC_SVCNAME#*.}"
name="Causeway connector tunnel \$device"
supervisor=supervise-daemon
command=$(command -v openvpn)
command_args="--config $STATE/\$device.conf"
respawn_max=0
depend() { use net; }
start_pre() { $PROGRAM prepare-device "\$device"; }
END
}
