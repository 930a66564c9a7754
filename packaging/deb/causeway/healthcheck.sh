#!/bin/sh
# For a container's HEALTHCHECK: whether the API answers that it can work, by root's own socket, which needs no name and no certificate.
exec /usr/lib/causeway/node/bin/node -e '
const request = require("node:http").get(
  { socketPath: "/var/lib/causeway/run/api.sock", path: "/api/causeway/v1/readyz", timeout: 8000 },
  (response) => process.exit(response.statusCode === 200 ? 0 : 1),
);
request.on("timeout", () => request.destroy(new Error("no answer within 8 s")));
request.on("error", (error) => { console.error(error.message); process.exit(1); });
'
