# shellcheck shell=sh
# The installer of a connector, fetched and run by one pasted line: curl -fsSL https://HOST/connector/install.sh | sh -s -- TOKEN
# Served as one { … } (src/contract/connector-scripts.ts), so that a download that was cut off does nothing. It may be run again at any time,
# also after it was interrupted: every step finds out what is there, and the same token works again for the same key.
# The controller puts CAUSEWAY_URL, CAUSEWAY_CA and CAUSEWAY_VERSION in front.

causeway_install() {
  set -u
  umask 077
  LC_ALL=C
  PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
  export LC_ALL PATH
  printf 'causeway-connector: installer %s of %s\n' "$CAUSEWAY_VERSION" "$CAUSEWAY_URL" >&2
  install_token='' install_foreground='' install_keep_sysctl=''
  for install_argument; do
    case $install_argument in
      --foreground) install_foreground=yes ;;
      --keep-sysctl) install_keep_sysctl=--keep-sysctl ;;
      -*) install_fails 2 "unknown option $install_argument; allowed are --foreground and --keep-sysctl" ;;
      *)
        [ -z "$install_token" ] || install_fails 2 "one token only"
        install_token=$install_argument
        ;;
    esac
  done
  case $install_token in '' | *[!A-Za-z0-9_-]*) install_fails 2 "the install token is missing or damaged: copy the whole install line" ;; esac
  [ "$(id -u)" = 0 ] || install_fails 4 "run this as root: curl … | sudo sh -s -- TOKEN"
  install_packages
  install_tun
  install_service=none
  if [ -z "$install_foreground" ]; then
    if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
      install_service=systemd
    elif [ -x /sbin/openrc-run ] && command -v rc-service >/dev/null 2>&1; then
      install_service=openrc
    else
      install_fails 4 "neither systemd nor OpenRC runs here: append --foreground to the line, and the agent stays in front"
    fi
  fi
  if [ -x /usr/lib/causeway-connector/agent.sh ]; then
    # A Debian package has brought the agent and keeps it up to date; a second one beside it would fight with it for the tunnel.
    printf '%s\n' "$install_token" "$CAUSEWAY_URL" "$CAUSEWAY_CA" |
      /usr/sbin/causeway-connector join "$install_service" $install_keep_sysctl || exit 1
    if [ -n "$install_foreground" ]; then exec /usr/lib/causeway-connector/agent.sh run; fi
    return
  fi
  install_agent
  mkdir -p /var/lib/causeway-connector || install_fails 1 "cannot write to /var/lib"
  if [ -n "$install_keep_sysctl" ]; then : >/var/lib/causeway-connector/keep-sysctl; else rm -f /var/lib/causeway-connector/keep-sysctl; fi
  # On standard input: arguments can be read by every user of the machine. (The pasted line itself shows the token for a moment,
  # which is why it works once and for one key.)
  printf '%s\n' "$install_token" | "$install_program" enroll || exit 1
  "$install_program" setup "$install_service" || exit 1
  if [ -n "$install_foreground" ]; then exec "$install_program" run; fi
  printf 'The connector is installed and starts with the machine. See: causeway-connector status. Remove it: causeway-connector uninstall\n'
}

install_fails() {
  printf 'causeway-connector: %s\n' "$2" >&2
  exit "$1"
}

# install_missing : prints the names of the commands that are not there. The ip command must be iproute2's: BusyBox's has no batch.
install_missing() {
  for install_command in openvpn nft curl openssl awk; do
    command -v "$install_command" >/dev/null 2>&1 || printf '%s ' "$install_command"
  done
  case $(ip -V 2>&1) in *iproute2*) ;; *) printf 'ip ' ;; esac
}

# install_packages : what is missing is installed by the package manager that is found. ping and conntrack are asked for as well but
# not insisted on: without ping the tunnel is watched by TCP, without conntrack old flows end by themselves when NAT is turned on.
install_packages() {
  install_lacking=$(install_missing)
  install_wished=''
  command -v ping >/dev/null 2>&1 || install_wished="$install_wished ping"
  command -v conntrack >/dev/null 2>&1 || install_wished="$install_wished conntrack"
  [ -n "$install_lacking$install_wished" ] || return 0
  if command -v apt-get >/dev/null 2>&1; then
    install_manager=apt-get
  elif command -v dnf >/dev/null 2>&1; then
    install_manager=dnf
  elif command -v apk >/dev/null 2>&1; then
    install_manager=apk
  elif command -v zypper >/dev/null 2>&1; then
    install_manager=zypper
  elif command -v pacman >/dev/null 2>&1; then
    install_manager=pacman
  else
    [ -z "$install_lacking" ] || install_fails 4 "missing: ${install_lacking}and no known package manager (apt, dnf, apk, zypper, pacman); install openvpn, nftables, iproute2, curl and openssl, then run the line again"
    return 0
  fi
  if [ -n "$install_lacking" ]; then
    printf 'causeway-connector: installing with %s: %s\n' "$install_manager" "$install_lacking" >&2
    # shellcheck disable=SC2046,SC2086 # a list of our own words
    install_with $(install_names $install_lacking)
    install_lacking=$(install_missing)
    [ -z "$install_lacking" ] || install_fails 4 "still missing after $install_manager: ${install_lacking% }; $(install_hint)"
  fi
  # shellcheck disable=SC2046,SC2086
  [ -z "$install_wished" ] || install_with $(install_names $install_wished)
}

# install_names COMMAND... : the packages that hold them.
install_names() {
  for install_command; do
    case $install_command:$install_manager in
      nft:*) echo nftables ;;
      ip:dnf) echo iproute ;;
      ip:*) echo iproute2 ;;
      ping:apt-get) echo iputils-ping ;;
      ping:*) echo iputils ;;
      conntrack:apt-get) echo conntrack ;;
      conntrack:*) echo conntrack-tools ;;
      awk:apt-get) echo mawk ;;
      awk:*) echo gawk ;;
      *) echo "$install_command" ;;
    esac
  done
}

# What the package manager says goes to the operator; whether it worked is seen by looking again.
install_with() {
  case $install_manager in
    apt-get) { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@"; } >&2 </dev/null ;;
    # openvpn is in EPEL on the RHEL family, and nowhere on Amazon Linux.
    dnf) { dnf -q -y install "$@" || { dnf -q -y install epel-release && dnf -q -y install "$@"; }; } >&2 </dev/null ;;
    apk) apk add --no-progress "$@" >&2 </dev/null ;;
    zypper) zypper --non-interactive --quiet install "$@" >&2 </dev/null ;;
    pacman) pacman -Sy --noconfirm --needed "$@" >&2 </dev/null ;;
  esac || true
}

install_hint() {
  case $install_manager:$(cat /etc/os-release 2>/dev/null) in
    dnf:*amzn*) printf 'Amazon Linux has no openvpn package: use the container (docs/connector.md) or build openvpn' ;;
    *) printf 'install it by hand, then run the line again' ;;
  esac
}

install_tun() {
  [ -c /dev/net/tun ] || modprobe tun 2>/dev/null || true
  if ! [ -c /dev/net/tun ]; then
    install_fails 4 "there is no /dev/net/tun: load the module (modprobe tun), or start the container with --device /dev/net/tun --cap-add NET_ADMIN"
  fi
}

# install_agent : fetched from the same controller, trusted by the CA in this script (which the pasted line pinned), or by the
# machine's own list where the controller has a public certificate.
install_agent() {
  install_program=/usr/local/lib/causeway-connector/agent.sh
  mkdir -p "${install_program%/*}" || install_fails 1 "cannot write to ${install_program%/*}"
  chmod 0755 "${install_program%/*}"
  if [ -n "$CAUSEWAY_CA" ]; then
    printf '%s\n' "$CAUSEWAY_CA" >"$install_program.ca"
    curl -q -fsS --proto =https --connect-timeout 10 --max-time 60 --cacert "$install_program.ca" -o "$install_program.new" "$CAUSEWAY_URL/connector/agent.sh"
  else
    curl -q -fsS --proto =https --connect-timeout 10 --max-time 60 -o "$install_program.new" "$CAUSEWAY_URL/connector/agent.sh"
  fi || install_fails 1 "could not fetch $CAUSEWAY_URL/connector/agent.sh; run the line again"
  rm -f "$install_program.ca"
  # A cut file does not parse: it is one { … }.
  sh -n "$install_program.new" 2>/dev/null || install_fails 1 "the agent's download was cut off; run the line again"
  chmod 0755 "$install_program.new"
  mv "$install_program.new" "$install_program"
}

causeway_install "$@"
