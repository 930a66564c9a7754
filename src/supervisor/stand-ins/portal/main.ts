/** Stands for src/portal-build where the supervisor is tested: nothing is built, and the place of the portal is a directory that exists. */
process.stdout.write(`${import.meta.dirname}\n`);
