# The service as an image for linux/amd64: the bundled browser is for no other machine (else FHIRDOC_CHROMIUM names one).
#
#   docker build -t fhirdoc .
#
# It listens on its own loopback address only, as the service refuses any other without authentication. A port that is
# published does not reach it there: compose.yaml shows how a gateway in the same network namespace passes requests on.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .puppeteerrc.cjs ./
# what is installed runs no scripts: the image has its own Node, and the browser is unpacked below
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm run prepack && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    FHIRDOC_STORE=sqlite:/data/fhirdoc.db
# the libraries that the browser is linked to, and a first process that reaps what the browser leaves
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libexpat1 libnspr4 libnss3 tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 fhirdoc \
    && install --directory --owner=fhirdoc --mode=0700 /data
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/build ./build
COPY --from=build /build/dist ./dist
COPY --from=build /build/bin ./bin
COPY --from=build /build/profiles ./profiles
COPY --from=build /build/fixtures/documents/discharge ./fixtures/documents/discharge
USER fhirdoc
# unpacked once, here: the root of a running container may be read-only
RUN node --eval "import('/app/dist/edge/browser/install.js').then(({ installChromium }) => installChromium())"
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.FHIRDOC_PORT || 8080}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "/app/bin/fhirdoc.js"]
CMD ["serve"]
