/**
 * InitSystem is what becomes the first process of a machine (booted-machine.ts), over the programs of the real one. New machines have nothing of
 * ours and nothing enabled, whatever the real one has.
 */
export type InitSystem = {
  readonly kind: 'systemd' | 'openrc';
  /** For `sh -e`, before the machine boots for the first time; its file system is `$root`. */
  readonly prepare: string;
  /** For the shell: the command. */
  readonly first: string;
  /** What is asked whether it takes orders, and the answer. */
  readonly ask: readonly [string, ...string[]];
  readonly yes: RegExp;
};

/** What of systemd has no work here, or would tidy up where only the real machine may. */
const masked = [
  'dbus.service',
  'dbus.socket',
  'getty.target',
  'systemd-binfmt.service',
  'systemd-firstboot.service',
  'systemd-logind.service',
  'systemd-modules-load.service',
  'systemd-random-seed.service',
  'systemd-sysctl.service',
  'systemd-tmpfiles-clean.timer',
  'systemd-tmpfiles-setup-dev.service',
  'systemd-tmpfiles-setup.service',
  'systemd-udev-trigger.service',
  'systemd-udevd.service',
  'proc-sys-fs-binfmt_misc.automount',
];

export const systemd: InitSystem = {
  kind: 'systemd',
  prepare: `
    units=$root/etc/systemd/system
    rm -rf "$units"
    mkdir -p "$units/multi-user.target.wants"
    for unit in ${masked.join(' ')}; do ln -s /dev/null "$units/$unit"; done`,
  first: '/lib/systemd/systemd --unit=multi-user.target --show-status=no',
  ask: ['systemctl', 'is-system-running'],
  yes: /^(?:starting|running|degraded)$/m,
};

/**
 * openrc is OpenRC from Debian's packages, which are unpacked and not installed: they would change how the real machine starts. Busybox is the first
 * process, as on Alpine. Debian has no service `localmount` and none for the network, which Alpine and Gentoo have.
 */
export function openrc(packages: readonly string[]): InitSystem {
  return {
    kind: 'openrc',
    prepare: `
      for deb in ${packages.map((file) => `'${file}'`).join(' ')}; do dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root"; done
      rm -rf "$root/etc/init.d" "$root/etc/runlevels"
      mkdir -p "$root/etc/init.d" "$root/etc/runlevels/sysinit" "$root/etc/runlevels/boot" "$root/etc/runlevels/default" "$root/etc/runlevels/shutdown"
      # Debian's tools ask for it.
      : >"$root/etc/insserv.conf"
      printf "::sysinit:/sbin/openrc sysinit\\n::wait:/sbin/openrc default\\n::shutdown:/sbin/openrc shutdown\\n" >"$root/etc/inittab"`,
    first: 'busybox init',
    ask: ['rc-status', '--runlevel'],
    yes: /^default$/m,
  };
}
