# Three images from one build: `user-service`, `shopping-service`, and `command-line` for the verbs of `connect` and `admin`.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /foldline
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY contracts/package.json contracts/
COPY user-service/package.json user-service/
COPY shopping-service/package.json shopping-service/
COPY system/package.json system/
COPY examples/package.json examples/
# Not `npm ci`: the lock file holds only the platforms whose optional packages its registry served.
RUN npm install
COPY tsconfig.base.json ./
COPY shared shared
COPY contracts contracts
COPY user-service user-service
COPY shopping-service shopping-service
COPY connect connect
RUN npx tsc -b shared contracts user-service shopping-service && npm prune --omit=dev

# What all three run on: compiled code and the packages it needs, owned by root, run by somebody else.
FROM node:20.20.2-bookworm-slim AS runtime
WORKDIR /foldline
ENV NODE_ENV=production NODE_OPTIONS="--enable-source-maps --disable-proto=delete"
COPY --from=build /foldline/package.json ./
COPY --from=build /foldline/node_modules node_modules
COPY --from=build /foldline/shared shared
COPY --from=build /foldline/contracts contracts
USER node
ENTRYPOINT ["node"]

FROM runtime AS user-service
COPY --from=build /foldline/user-service user-service
EXPOSE 3001
CMD ["user-service/dist/src/server.js"]

FROM runtime AS shopping-service
COPY --from=build /foldline/shopping-service shopping-service
EXPOSE 3002
CMD ["shopping-service/dist/src/server.js"]

FROM runtime AS command-line
COPY --from=build /foldline/user-service user-service
COPY --from=build /foldline/connect connect
# What verbs keep of their work, such as the backup that an import makes: a volume, or it goes with the container.
USER root
RUN install -d -o node -g node /data
USER node
ENV DATA_DIR=/data
VOLUME /data
CMD ["shared/dist/bin/main.js", "connect", "--help"]
