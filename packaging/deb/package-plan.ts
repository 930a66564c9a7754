/**
 * packaging/deb makes the Debian packages: plans say what is in each (pure, but for reading), write-deb.ts turns a plan into a file.
 * Tests: `./causeway node --test 'packaging/**\/*.test.ts'`; the packages themselves are tried in test/e2e/package.e2e.test.ts.
 */

import type { Checkout } from './checkout.ts';
import type { PackageVersion } from './version.ts';

/** Given is what the plans are made of. */
export type Given = {
  readonly checkout: Checkout;
  readonly version: PackageVersion;
  /** dpkg's name of this machine's. */
  readonly architecture: string;
  /** A directory with the built portal. */
  readonly portal: string;
};

/** PlannedFile is a file of a package. Its path is absolute on the machine where it is installed. */
export type PlannedFile = { readonly path: string; readonly mode: 0o755 | 0o644 | 0o640 } & (
  | { readonly kind: 'text'; readonly text: string | Uint8Array }
  | { readonly kind: 'copy'; readonly from: string }
);

/** Fields of a control file in Debian's own words; what is undefined is left out. */
export type ControlFields = {
  readonly Depends?: string;
  readonly Recommends?: string;
  readonly Suggests?: string;
  readonly Conflicts?: string;
  /** A short line, then paragraphs. */
  readonly Description: readonly [string, ...string[]];
};

/** PackagePlan is everything that is in one package. */
export type PackagePlan = {
  readonly name: string;
  /** `all`, or what dpkg calls the machine: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly control: ControlFields;
  readonly files: readonly PlannedFile[];
  /** Paths that the administrator may change and an upgrade keeps. */
  readonly conffiles: readonly string[];
  /** Maintainer scripts and `triggers`, by name. */
  readonly scripts: Readonly<Record<string, string>>;
  /** What lintian says and we mean: `TAG CONTEXT`, each with its reason. */
  readonly overrides: readonly { readonly tag: string; readonly reason: string }[];
};

/** The script that both packages of the service run before their files go. */
export const servicePrerm = 'packaging/deb/service-prerm.sh';

/** BuildFacts are the same for all packages of one run. */
export type BuildFacts = {
  readonly version: string;
  readonly time_s: number;
  readonly commit: string;
  readonly maintainer: string;
};
